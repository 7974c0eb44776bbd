//! The small helpers for texts, and the words of the wire, against the standard library.

#![no_main]

use lamina_fuzz::{choice, parts};
use lamina_wasm::api::execution::Status;
use lamina_wasm::core::error::Code;
use lamina_wasm::core::hash::{fnv1a, fraction};
use lamina_wasm::core::text::{cut, decimal, join, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let [count, stops, text] = parts(text);
    let stops: String = stops.chars().filter(char::is_ascii).collect();
    let (before, behind) = split(text, stops.as_bytes());
    match text.split_once(|letter: char| stops.contains(letter)) {
        Some((start, end)) => assert_eq!((before, behind), (start, Some(end))),
        None => assert_eq!((before, behind), (text, None)),
    }

    let count = choice(count);
    let (short, dots) = cut(text, count);
    let short = [short, dots].concat();
    let kept: String = text.chars().take(count).collect();
    if text.chars().count() <= count {
        assert_eq!(short, text);
    } else {
        assert_eq!(short, [kept.as_str(), "…"].concat());
    }
    assert_eq!(join(&[before, text, &short]), [before, text, &short].concat());
    assert_eq!(decimal(count as u32), (count as u32).to_string());
    assert!((0.0..1.0).contains(&fraction(text, count as u32)));
    assert_eq!(fnv1a(text), fnv1a(&text.to_string()));

    let is_over = matches!(text, "completed" | "failed" | "cancelled");
    assert_eq!(Status::parse(text).is_terminal(), is_over);
    if let Some(code) = Code::from_server(text) {
        assert_eq!(code.as_str(), text);
        assert!(!text.starts_with("WAIT") && !text.starts_with("INTERNAL_P") && text != "NETWORK_ERROR");
    }
    for status in [200, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 599, count as u16] {
        let code = Code::from_status(status, text);
        // A code that stands for a status says the same of trying again as the status does, 408 aside.
        let is_transient = matches!(status, 429 | 500..=599);
        assert_eq!(code.retryable(), is_transient, "{status} {}", code.as_str());
    }
});
