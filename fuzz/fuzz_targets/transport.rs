//! The ways of one wait: the one that is wanted in the first line, then a line for each look: `worked` or `broke`, and how much time
//! an attempt and the wait have left.

#![no_main]

use lamina_fuzz::{number, parts, script};
use lamina_wasm::core::time::{Instant, Millis};
use lamina_wasm::core::transport::{hold, was_held, Way, Ways};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let [wanted, looks] = parts(text);
    let wanted = match wanted {
        "stream" => Way::Stream,
        "long-poll" => Way::LongPoll,
        _ => Way::Poll,
    };
    let mut ways = Ways::new(wanted, Instant::new(0.0));
    let (mut failures, mut reads_left) = (0_u32, 0_u32);
    for [what, attempt, left, took] in script(looks) {
        let way = ways.next();
        assert_eq!(way, if reads_left > 0 { Way::Poll } else { wanted });
        let worked = what == "worked";
        if worked {
            ways.worked(way);
        } else {
            ways.broke(way);
        }
        // A plain read that fails leaves the way as broken as it was, and one that works brings the next trial nearer.
        match (way, worked) {
            (Way::Poll, true) => reads_left = reads_left.saturating_sub(1),
            (Way::Poll, false) => {}
            (_, true) => failures = 0,
            (_, false) => {
                failures += 1;
                reads_left = 2_u32.pow(failures.min(5)) - 1;
            }
        }
        assert_eq!(ways.is_hopeless(), failures >= 3);

        let later = Instant::new(number(left));
        let next = if later < Instant::new(600_000.0) { ways.next() } else { Way::Stream };
        assert_eq!(ways.chosen(later).next(), next, "what was learned holds for ten minutes");

        let [attempt, left, took] = [attempt, left, took].map(|word| Millis::new(number(word)));
        if let Some(seconds) = hold(attempt, left) {
            assert!((1..=120).contains(&seconds), "the server takes no other");
            assert!(f64::from(seconds + 1) * 1e3 < attempt.min(left).get(), "the reply is there in time");
            assert_eq!(was_held(seconds, took), took.get() * 2.0 >= f64::from(seconds) * 1e3);
        } else {
            assert!(attempt.min(left).get() < 3_000.0);
        }
    }
});
