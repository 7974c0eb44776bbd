//! What a server says of its rate limit: how long to stay away, and how much is left.
//!
//! The API names the headers `Retry-After`, `RateLimit-Remaining` and `RateLimit-Reset` but not their formats (documented
//! in its errors page), so every format in use is read.

use super::text::split;
use super::time::{Instant, Millis};

/// Larger numbers all mean the same: not in this life.
const LARGEST: f64 = 1e18;

/// The dates of a reply, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Dates {
    /// The header, where it is an HTTP date; else NaN.
    pub header: f64,
    /// The moment of the reply by the server's own clock, which its `Date` header shows; without one by ours: clocks differ.
    pub now: f64,
}

/// `Retry-After`: how long to wait from now. Nothing where the header cannot be understood.
///
/// The header holds seconds, possibly with a fraction, or an HTTP date. Only then are the `dates` of the reply read.
#[must_use]
pub fn parse_retry_after(header: &str, dates: impl FnOnce() -> Dates) -> Option<Millis> {
    thousandths(header, b'.').map(Millis::new).or_else(|| {
        let dates = dates();
        until(dates.header, dates.now)
    })
}

/// `RateLimit-Reset`: how long until the limit starts afresh.
///
/// The header holds seconds from now, or a moment: seconds since 1970 (above 10⁹), milliseconds since 1970 (above
/// 10¹²) or an HTTP date. Only for a moment are the `dates` of the reply read.
#[must_use]
pub fn parse_reset(header: &str, dates: impl FnOnce() -> Dates) -> Option<Millis> {
    let number = thousandths(header, b'.');
    if let Some(span) = number.filter(|span| *span <= 1e12) {
        return Some(Millis::new(span));
    }
    let dates = dates();
    let moment = match number {
        Some(seconds) if seconds <= 1e15 => seconds,
        Some(milliseconds) => milliseconds / 1_000.0,
        None => dates.header,
    };
    until(moment, dates.now)
}

/// `RateLimit-Remaining`: how many requests are left, from `99`, `99;w=60` or `99, 100;w=60`.
#[must_use]
pub fn parse_count(header: &str) -> Option<u32> {
    // A digit is no point: there is none.
    let thousandths = thousandths(split(header, b",;").0, b'0')?;
    Some((thousandths / 1_000.0) as u32)
}

/// The time from `now` to `moment`; zero where that is past, nothing where it is no moment.
fn until(moment: f64, now: f64) -> Option<Millis> {
    (!moment.is_nan()).then(|| Instant::new(moment).since(Instant::new(now)))
}

/// A decimal number without a sign, with `point` before its fraction, in thousandths: seconds become milliseconds with no
/// error of rounding.
fn thousandths(text: &str, point: u8) -> Option<f64> {
    let mut number = 0.0;
    let mut divisor = 0.0;
    let mut ends_with_digit = false;
    for byte in text.trim_ascii().bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            // Less than a microsecond is no wait.
            if divisor < 1e6 {
                number = number * 10.0 + f64::from(digit);
                divisor *= 10.0;
            }
        } else if byte != point || divisor > 0.0 || !ends_with_digit {
            return None;
        } else {
            divisor = 1.0;
        }
        ends_with_digit = digit <= 9;
    }
    ends_with_digit.then(|| f64::min(number * 1_000.0 / f64::max(divisor, 1.0), LARGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_774_268_560_000.0;
    const IN_30_S: f64 = NOW + 30_000.0;
    const NOT_NUMBERS: [&str; 18] = [
        "", " ", "-1", "+5", "-0", "1e3", "5s", "5 5", "5,5", "NaN", "Infinity", "0x10", ".", ".5", "5.", "1.2.3", "٣",
        "soon",
    ];

    /// The host has these dates.
    fn dates(header: f64, now: f64) -> impl FnOnce() -> Dates {
        move || Dates { header, now }
    }

    /// Nobody asks for the dates.
    fn unasked() -> Dates {
        panic!("a number needs no date")
    }

    fn ms(span: Option<Millis>) -> Option<f64> {
        span.map(Millis::get)
    }

    #[test]
    fn seconds_to_wait() {
        let table = [
            ("0", 0.0),
            ("5", 5_000.0),
            (" 5\t", 5_000.0),
            ("005", 5_000.0),
            ("1.5", 1_500.0),
            ("0.3", 300.0),
            ("1.001", 1_001.0),
            ("4.35", 4_350.0),
            ("0.0000019", 0.001),
            ("2.00000000000000000000000000000000000001", 2_000.0),
            ("86400", 86_400_000.0),
            ("99999999999999999999999999999999999999999999", 1e18),
        ];
        for (header, expected) in table {
            assert_eq!(ms(parse_retry_after(header, unasked)), Some(expected), "{header}");
        }
    }

    #[test]
    fn a_date_to_wait_for() {
        let wait = |header, now| ms(parse_retry_after("a date", dates(header, now)));
        assert_eq!(wait(IN_30_S, NOW), Some(30_000.0));
        assert_eq!(wait(IN_30_S, NOW + 500.0), Some(29_500.0));
        assert_eq!(wait(NOW, IN_30_S), Some(0.0));
        assert_eq!(wait(f64::NAN, NOW), None);
    }

    #[test]
    fn nothing_that_can_be_understood() {
        for header in NOT_NUMBERS {
            assert_eq!(parse_retry_after(header, dates(f64::NAN, NOW)), None, "{header}");
            assert_eq!(parse_reset(header, dates(f64::NAN, NOW)), None, "{header}");
        }
    }

    #[test]
    fn a_reset_is_a_span_or_a_moment() {
        let table = [
            ("0", 0.0),
            ("42", 42_000.0),
            ("0.25", 250.0),
            ("1000000000", 1e12),
            ("1774268590", 30_000.0),
            ("1774268590.5", 30_500.0),
            ("1774268500", 0.0),
            ("1774268590500", 30_500.0),
            ("1774268500000", 0.0),
        ];
        for (header, expected) in table {
            assert_eq!(ms(parse_reset(header, dates(f64::NAN, NOW))), Some(expected), "{header}");
        }
        assert_eq!(ms(parse_reset("a date", dates(IN_30_S, NOW))), Some(30_000.0));
        assert_eq!(ms(parse_reset("42", unasked)), Some(42_000.0));
    }

    #[test]
    fn how_many_are_left() {
        let table = [
            ("99", Some(99)),
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("99;w=60", Some(99)),
            ("99, 100;w=60", Some(99)),
            ("99 ; w=60", Some(99)),
            ("99999999999999", Some(u32::MAX)),
            ("", None),
            (";w=60", None),
            ("-1", None),
            ("1.5", None),
            ("many", None),
            ("9 9", None),
        ];
        for (header, expected) in table {
            assert_eq!(parse_count(header), expected, "{header}");
        }
    }
}
