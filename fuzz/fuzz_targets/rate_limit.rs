//! `RateLimit-Remaining` (first line) and `RateLimit-Reset` (second), beside what that is as a date (third) and the moment
//! of the reply (fourth): what they say is what the budget does.

#![no_main]

use lamina_fuzz::{number, parts};
use lamina_wasm::core::budget::{Budget, RateHead, Request};
use lamina_wasm::core::retry_after::{parse_count, parse_reset, parse_retry_after, Dates};
use lamina_wasm::core::time::{Instant, Millis};
use libfuzzer_sys::fuzz_target;

/// So many calls wait.
const CALLS: u32 = 50;

fuzz_target!(|text: &str| {
    let [remaining, reset, date, now] = parts(text);
    let date = Some(date).filter(|date| !date.is_empty()).map(number);
    let now = number(now);
    let dates = || Dates { header: date.unwrap_or(f64::NAN), now };

    let count = parse_count(remaining);
    let first = remaining.split([',', ';']).next().unwrap_or_default().trim_ascii();
    let is_number = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    assert_eq!(count, is_number.then(|| first.parse().unwrap_or(u32::MAX)));

    let reset_in = parse_reset(reset, dates);
    let span = parse_retry_after(reset, dates);
    assert_eq!(reset_in.is_some(), span.is_some(), "both headers are read in the same forms");
    if let (Some(reset_in), Some(span)) = (reset_in, span) {
        assert!(reset_in.get() >= 0.0);
        // Numbers up to 10^9 are spans, larger ones moments.
        let is_number = reset.trim_ascii().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let moment = if span.get() <= 1e15 { span.get() } else { span.get() / 1_000.0 };
        let expected = if is_number && span.get() > 1e12 { (moment - now).max(0.0) } else { span.get() };
        assert!((reset_in.get() - expected).abs() <= 1e-9 * expected, "{reset_in:?} for {expected}");
    }

    let mut budget = Budget::new(None);
    let now = Instant::new(1_000.0);
    let tickets: Vec<_> = (0..=CALLS).map(|owner| budget.enqueue(Request::Foreground, owner)).collect();
    let granted = budget.poll_grant(now).expect("nothing is known of the server yet");
    assert_eq!(granted.ticket, tickets[0]);
    budget.replied(now, granted.ticket, Some(RateHead { remaining: count, reset_in }));
    let sent = std::iter::from_fn(|| budget.poll_grant(now)).count() as u32;
    match (count, reset_in) {
        (Some(count), Some(reset_in)) if now + reset_in > now => {
            assert_eq!(sent, count.min(CALLS));
            if sent < CALLS {
                let free_at = now + reset_in;
                assert_eq!(budget.poll_timeout(now), free_at);
                assert_eq!(now + budget.blocked_for(now), now + free_at.since(now));
                let early = Instant::new(free_at.get().next_down());
                assert!(budget.poll_grant(early).is_none(), "before the reset");
                if free_at < Instant::NEVER {
                    assert!(budget.poll_grant(free_at).is_some(), "at the reset");
                }
            }
        }
        _ => assert_eq!((sent, budget.blocked_for(now)), (CALLS, Millis::ZERO)),
    }
});
