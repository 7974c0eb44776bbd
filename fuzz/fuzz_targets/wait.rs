//! A wait and its looks: options in the first line (time-out, shortest and longest pause, 1 to reject on failure, how long ago this
//! side started the execution), then a line for each look: by how much it is late, what it showed (a status of the wire, an HTTP
//! status, `network`, `timeout` or `broken`) and `Retry-After`.

#![no_main]

use lamina_fuzz::wait_world::{Look, World};
use lamina_fuzz::{millis, number, parts, script};
use lamina_wasm::core::poll::{Interval, Next, Wait};
use lamina_wasm::core::retry::Outcome;
use lamina_wasm::core::retry_after::{parse_retry_after, Dates};
use lamina_wasm::core::time::{Instant, Millis};
use libfuzzer_sys::fuzz_target;

const NOW: f64 = 1_774_268_560_000.0;

fn interval(min: &str, max: &str) -> Interval {
    let [min, max] = [min, max].map(|word| Millis::new(millis(word, 1e9)));
    if min == max && min > Millis::ZERO {
        Interval::Fixed(min)
    } else {
        Interval::between(min, max).unwrap_or_default()
    }
}

fn look(what: &str, asked: &str) -> Look {
    let outcome = match what {
        "network" => Outcome::Network,
        "timeout" => Outcome::TimedOut,
        "broken" => Outcome::Broken,
        _ => match what.parse() {
            Ok(status) => Outcome::Status { status, refused_before_work: asked == "refused" },
            Err(_) => return Look::Word(what.into()),
        },
    };
    Look::Failure(outcome, parse_retry_after(asked, || Dates { header: f64::NAN, now: NOW }).map(|pause| pause.get()))
}

fuzz_target!(|text: &str| {
    let [options, looks] = parts(text);
    let mut options = options.split(' ');
    let [timeout, min, max, throw, started] = [(); 5].map(|()| options.next().unwrap_or_default());
    let mut now = Instant::new(NOW);
    let mut wait = Wait::new(now, Millis::new(millis(timeout, 1e12)), interval(min, max), throw == "1");
    wait.started_here = (!started.is_empty()).then(|| now - Millis::new(millis(started, 1e9)));
    let mut world = World::new(wait);
    let mut next = world.step(now, None, 0.5);
    for [late, what, asked, random] in script(looks) {
        let Next::Poll(pause) = next else { break };
        // An engine's clock may have been set meanwhile: a negative delay.
        now = now + pause + Millis::new(number(late).clamp(-1e12, 1e12).floor());
        next = world.step(now, Some(&look(what, asked)), number(random).abs() % 1.0);
    }
});
