//! What may travel in a header.

use super::text::{all, is_one_of};

/// Whether `key` can be an API key: not empty, and visible ASCII only.
///
/// Nothing more is asked of it: later keys and access tokens have other prefixes and lengths.
#[must_use]
pub fn is_key(key: &str) -> bool {
    !key.is_empty() && all(key, |byte| byte.is_ascii_graphic())
}

/// Whether `name` can be a header's name: an HTTP token (RFC 9110, section 5.6.2).
#[must_use]
pub fn is_header_name(name: &str) -> bool {
    !name.is_empty() && all(name, |byte| byte.is_ascii_alphanumeric() || is_one_of(byte, b"!#$%&'*+-.^_`|~"))
}

/// Whether `value` can be a header's value: what `fetch` takes as a byte string, without control characters.
#[must_use]
pub fn is_header_value(value: &str) -> bool {
    // Of the bytes of UTF-8, those up to 0xc3 make the characters up to U+00FF.
    all(value, |byte| byte == b'\t' || (b' '..=0xc3).contains(&byte) && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_a_header_can_hold_and_nothing_more_is_asked() {
        for key in ["lma_abc", "lma_mcp_at_x.y-z", "k", "a=b~"] {
            assert!(is_key(key), "{key}");
        }
        for key in ["", " ", "lma_x\n", "lma\r\nx: y", "lma x", "lm\u{e4}", "lma_\u{0}", "lma_\u{1f511}"] {
            assert!(!is_key(key), "{key:?}");
        }
    }

    #[test]
    fn header_names_are_tokens_and_values_hold_no_line_breaks() {
        assert!(is_header_name("x-trace-id"));
        for name in ["", "x trace", "x:y", "n\u{e4}me", "a\n"] {
            assert!(!is_header_name(name), "{name:?}");
        }
        assert!(is_header_value("a b\tc \u{e9}"));
        assert!(is_header_value(""));
        for value in ["a\nb", "a\rb", "\u{0}", "\u{7f}", "\u{20ac}"] {
            assert!(!is_header_value(value), "{value:?}");
        }
    }
}
