//! `Retry-After` (first line), beside what it is as a date (second) and the moment of the reply (third).

#![no_main]

use lamina_fuzz::{number, parts};
use lamina_wasm::core::retry_after::{parse_retry_after, Dates};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let [header, date, now] = parts(text);
    let date = Some(date).filter(|date| !date.is_empty()).map(number);
    let now = number(now);
    let dates = || Dates { header: date.unwrap_or(f64::NAN), now };
    let pause = parse_retry_after(header, dates).map(|pause| pause.get());
    let trimmed = header.trim_ascii();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = trimmed.split_once('.').unwrap_or((trimmed, "0"));
    let expected = if is_number(whole) && is_number(fraction) {
        // More than 10^15 seconds are all the same.
        Some(trimmed.parse::<f64>().expect("a number") * 1_000.0).map(|pause| pause.min(1e18))
    } else {
        date.map(|until| (until - now).max(0.0))
    };
    match (pause, expected) {
        (None, None) => {}
        (Some(pause), Some(expected)) => {
            // What is less than a microsecond is no wait.
            let near = (pause - expected).abs() <= 1e-3 + expected * 1e-12;
            assert!(near && pause >= 0.0, "{pause} for {expected}");
        }
        other => panic!("{other:?}"),
    }
});
