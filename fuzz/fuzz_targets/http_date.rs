//! HTTP dates, against another reader and a writer of them.

#![no_main]

use lamina_wasm::core::http_date::parse_http_date;
use libfuzzer_sys::fuzz_target;
use std::time::{Duration, UNIX_EPOCH};

/// The first moment that the format has no room for: the year 10000.
const END: f64 = 253_402_300_800_000.0;

fuzz_target!(|text: &str| {
    let date = parse_http_date(text);
    // Of the obsolete forms the other reader does not look at every separator.
    if let Some(other) = httpdate::parse_http_date(text).ok().filter(|_| text.trim().len() == 29) {
        let other = other.duration_since(UNIX_EPOCH).expect("it reads no date before 1970");
        assert_eq!(date, Some(other.as_secs() as f64 * 1_000.0), "another reader takes it");
    }
    let Some(date) = date else { return };
    assert_eq!(date % 1_000.0, 0.0, "whole seconds");
    assert!((-62_167_219_200_000.0..=END).contains(&date), "{date}");
    // Written anew it is the same; the other writer knows nothing before 1970.
    if (0.0..END).contains(&date) {
        let written = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs((date / 1_000.0) as u64));
        assert_eq!(parse_http_date(&written), Some(date), "{written}");
    }
    // Neither case nor outer spaces count.
    assert_eq!(parse_http_date(&text.to_ascii_uppercase()), Some(date));
    assert_eq!(parse_http_date(&[" ", text, "\t"].concat()), Some(date));
});
