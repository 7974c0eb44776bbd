//! `Retry-After` (first line), beside the reply's `Date` (second) and the wall clock (third).

#![no_main]

use lamina_fuzz::{number, parts};
use lamina_wasm::core::http_date::parse_http_date;
use lamina_wasm::core::retry_after::parse_retry_after;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let [header, date, wall] = parts(text);
    let date = Some(date).filter(|date| !date.is_empty());
    let wall = number(wall);
    let pause = parse_retry_after(Some(header), date, wall).map(|pause| pause.get());
    let trimmed = header.trim_ascii();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = trimmed.split_once('.').unwrap_or((trimmed, "0"));
    let expected = if is_number(whole) && is_number(fraction) {
        // More than 10^15 seconds are all the same.
        Some(trimmed.parse::<f64>().expect("a number") * 1_000.0).map(|pause| pause.min(1e18))
    } else {
        let now = date.and_then(parse_http_date).unwrap_or(wall);
        parse_http_date(header).map(|until| (until - now).max(0.0))
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
    assert_eq!(parse_retry_after(None, date, wall), None);
});
