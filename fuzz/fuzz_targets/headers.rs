//! Keys and headers: what is let through can travel, as itself, in one header.

#![no_main]

use http::header::{HeaderName, HeaderValue};
use lamina_wasm::core::credentials::{is_header_name, is_header_value, is_key};
use libfuzzer_sys::fuzz_target;

/// As `fetch` sends a text: each character is a byte.
fn bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
}

fuzz_target!(|text: &str| {
    let as_value = bytes(text).and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
    // Those from U+0080 to U+009F are bytes above ASCII like any other.
    assert_eq!(is_header_value(text), as_value.is_some());
    // The other reader takes no name of more than 65 535 bytes.
    if text.len() < 1 << 15 {
        assert_eq!(is_header_name(text), HeaderName::from_bytes(text.as_bytes()).is_ok());
    }
    if is_key(text) {
        assert!(is_header_value(text));
        let value = as_value.expect("just checked");
        assert_eq!(value.to_str().ok(), Some(text));
        assert!(text.trim() == text && !text.is_empty() && text.is_ascii());
    }
});
