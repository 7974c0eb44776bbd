//! Small texts made without the formatting machinery, which would be a tenth of the module.

/// `parts`, one after the other.
#[must_use]
pub fn join(parts: &[&str]) -> String {
    let mut length = 0_usize;
    parts.iter().for_each(|part| length = length.saturating_add(part.len()));
    let mut joined = String::with_capacity(length);
    parts.iter().for_each(|part| joined.push_str(part));
    joined
}

/// A path without slashes at its end.
#[must_use]
pub fn without_slashes(mut path: &str) -> &str {
    while let Some(shorter) = path.strip_suffix("/") {
        path = shorter;
    }
    path
}

/// Whether `byte` is in `set`.
#[must_use]
#[allow(clippy::manual_contains, reason = "the standard search is made for long texts: it is four times the code")]
pub fn is_one_of(byte: u8, set: &[u8]) -> bool {
    set.iter().any(|one| *one == byte)
}

/// Whether every byte passes `test`.
#[must_use]
pub fn all(text: &str, test: fn(u8) -> bool) -> bool {
    text.bytes().all(test)
}

/// What is before the first of `stops` (ASCII) in `text`, and what is behind it, if it is there.
#[must_use]
pub fn split<'a>(text: &'a str, stops: &[u8]) -> (&'a str, Option<&'a str>) {
    match text.bytes().position(|byte| is_one_of(byte, stops)) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at.saturating_add(1)..)),
        None => (text, None),
    }
}

/// `number` in decimal.
#[must_use]
pub fn decimal(number: u32) -> String {
    let mut digits = String::new();
    let mut divisor = 1_000_000_000;
    while divisor > 0 {
        let digit = number.checked_div(divisor).unwrap_or_default() % 10;
        if digit > 0 || divisor == 1 || !digits.is_empty() {
            let at = digit as usize;
            digits.push_str("0123456789".get(at..=at).unwrap_or_default());
        }
        divisor /= 10;
    }
    digits
}

/// The first `count` characters of `text`, and `…` where something was cut off.
#[must_use]
pub fn cut(text: &str, count: usize) -> (&str, &'static str) {
    let mut left = count;
    let mut end = 0_usize;
    for byte in text.bytes() {
        // Every other byte of a character has these bits.
        if byte & 0xc0 != 0x80 {
            let Some(fewer) = left.checked_sub(1) else {
                return (text.get(..end).unwrap_or_default(), "…");
            };
            left = fewer;
        }
        end = end.saturating_add(1);
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for number in [0, 7, 10, 404, u32::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }

    #[test]
    fn a_split_takes_the_first_stop_out() {
        assert_eq!(split("a?b#c", b"#?"), ("a", Some("b#c")));
        assert_eq!(split("äb", b"?"), ("äb", None));
        assert_eq!(split("?", b"?"), ("", Some("")));
    }

    #[test]
    fn slashes_are_taken_off_the_end() {
        for (path, without) in [("", ""), ("//", ""), ("/a//", "/a"), ("/a/b", "/a/b")] {
            assert_eq!(without_slashes(path), without);
        }
    }

    #[test]
    fn a_cut_text_ends_between_characters() {
        assert_eq!(cut("abc", 3), ("abc", ""));
        assert_eq!(cut("äöü", 2), ("äö", "…"));
        assert_eq!(cut("", 2), ("", ""));
    }
}
