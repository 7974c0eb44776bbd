//! A budget among events: its limit in the first line (0 for none), then a line for each event.

#![no_main]

use lamina_fuzz::budget_world::{Event, World};
use lamina_fuzz::{choice, millis, number, parts, script};
use libfuzzer_sys::fuzz_target;

const DAY: f64 = 86_400_000.0;

/// More events only repeat what some show, and each costs a look at all before it.
const MOST: usize = 300;

fn event([name, first, second, third]: [&str; 4]) -> Event {
    let time = |word| millis(word, DAY);
    match name {
        "call" => Event::Foreground,
        "poll" => Event::Poll { due_in: time(first), age: time(second), app: choice(third) as u64 % 4 },
        // No longer than an hour: the world wakes at each time that the budget names.
        "pass" => Event::Pass(millis(first, 3_600_000.0)),
        "oversleep" => Event::Oversleep(time(first)),
        "jump" => Event::Jump(number(first).clamp(-DAY, DAY).floor()),
        "answer" => {
            let head = (!second.is_empty()).then(|| (choice(second) as u32, time(third)));
            Event::Answer { which: choice(first), head }
        }
        "cancel" => Event::Cancel { which: choice(first) },
        "block" => Event::Block(time(first)),
        "limit" => Event::ServerLimit(choice(first) as u32 % 1_000),
        _ => Event::Learn { app: choice(first) as u64 % 4, duration: time(second) },
    }
}

fuzz_target!(|text: &str| {
    let [limit, events] = parts(text);
    let limit = choice(limit) as u32 % 1_000;
    let mut world = World::new((limit > 0).then_some(limit));
    script(events).take(MOST).map(event).for_each(|event| world.event(event));
    world.drain(200.0);
});
