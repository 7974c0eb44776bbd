//! What a server says of its rate limit: how long to stay away, and how much is left.
//!
//! The API names the headers `Retry-After`, `RateLimit-Remaining` and `RateLimit-Reset` but not their formats (documented
//! in its errors page), so every format in use is read.

use super::http_date::parse_http_date;
use super::text::split;
use super::time::{Instant, Millis};

/// Larger numbers all mean the same: not in this life.
const LARGEST: f64 = 1e15;

/// `Retry-After`: how long to wait from now.
///
/// The header holds seconds, possibly with a fraction, or an HTTP date. The date is compared with the server's own clock
/// where the reply has a `Date` header (`reply_date`), else with `wall_now_ms` (milliseconds since 1970): clocks differ.
/// Nothing where there is no header, or none that can be understood.
#[must_use]
pub fn parse_retry_after(header: Option<&str>, reply_date: Option<&str>, wall_now_ms: f64) -> Option<Millis> {
    let header = header?;
    match thousandths(header) {
        Some(pause) => Some(Millis::new(pause)),
        None => Some(until(parse_http_date(header)?, reply_date, wall_now_ms)),
    }
}

/// `RateLimit-Reset`: how long until the limit starts afresh.
///
/// The header holds seconds from now, or a moment: seconds since 1970 (above 10⁹), milliseconds since 1970 (above
/// 10¹²) or an HTTP date. A moment is compared with the same clock as in [`parse_retry_after`].
#[must_use]
pub fn parse_reset(header: &str, reply_date: Option<&str>, wall_now_ms: f64) -> Option<Millis> {
    let moment = match thousandths(header) {
        Some(span) if span <= 1e12 => return Some(Millis::new(span)),
        Some(seconds) if seconds <= 1e15 => seconds,
        Some(milliseconds) => milliseconds / 1_000.0,
        None => parse_http_date(header)?,
    };
    Some(until(moment, reply_date, wall_now_ms))
}

/// `RateLimit-Remaining`: how many requests are left, from `99`, `99;w=60` or `99, 100;w=60`.
#[must_use]
pub fn parse_count(header: &str) -> Option<u32> {
    let first = split(header, b",;").0.trim_ascii();
    let mut count = 0_u32;
    for digit in first.chars() {
        count = count.saturating_mul(10).saturating_add(digit.to_digit(10)?);
    }
    (!first.is_empty()).then_some(count)
}

/// The time from the moment of the reply to `moment`, both in milliseconds since 1970; zero where that is past.
fn until(moment: f64, reply_date: Option<&str>, wall_now_ms: f64) -> Millis {
    let now = reply_date.and_then(parse_http_date).unwrap_or(wall_now_ms);
    Instant::new(moment).since(Instant::new(now))
}

/// A decimal number without a sign, times a thousand: seconds become milliseconds with no error of rounding.
fn thousandths(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    let (whole, fraction) = split(text, b".");
    let fraction = fraction.unwrap_or("0");
    if whole.is_empty() || fraction.is_empty() {
        return None;
    }
    let mut number = 0.0;
    for digit in whole.chars() {
        number = f64::min(number * 10.0 + f64::from(digit.to_digit(10)?), LARGEST);
    }
    let mut divisor = 1.0;
    for digit in fraction.chars() {
        let digit = digit.to_digit(10)?;
        // Less than a microsecond is no wait.
        if divisor < 1e6 {
            number = number * 10.0 + f64::from(digit);
            divisor *= 10.0;
        }
    }
    Some(number * 1_000.0 / divisor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_774_268_560_000.0;
    const NOW_DATE: &str = "Mon, 23 Mar 2026 12:22:40 GMT";
    const IN_30_S: &str = "Mon, 23 Mar 2026 12:23:10 GMT";
    const NOT_NUMBERS: [&str; 18] = [
        "", " ", "-1", "+5", "-0", "1e3", "5s", "5 5", "5,5", "NaN", "Infinity", "0x10", ".", ".5", "5.", "1.2.3", "٣",
        "soon",
    ];

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
            assert_eq!(ms(parse_retry_after(Some(header), None, NOW)), Some(expected), "{header}");
            assert_eq!(ms(parse_retry_after(Some(header), Some(NOW_DATE), 0.0)), Some(expected), "{header}");
        }
    }

    #[test]
    fn a_date_to_wait_for() {
        let wait = |header, reply_date, now| ms(parse_retry_after(Some(header), reply_date, now));
        assert_eq!(wait(IN_30_S, None, NOW), Some(30_000.0));
        assert_eq!(wait(IN_30_S, None, NOW + 500.0), Some(29_500.0));
        // The server's clock counts, however wrong ours is.
        assert_eq!(wait(IN_30_S, Some(NOW_DATE), 0.0), Some(30_000.0));
        assert_eq!(wait(IN_30_S, Some(NOW_DATE), f64::NAN), Some(30_000.0));
        assert_eq!(wait(IN_30_S, Some("yesterday"), NOW), Some(30_000.0));
        assert_eq!(wait(NOW_DATE, Some(IN_30_S), NOW), Some(0.0));
        assert_eq!(wait("Monday, 23-Mar-26 12:23:10 GMT", None, NOW), Some(30_000.0));
        assert_eq!(wait("Mon Mar 23 12:23:10 2026", None, NOW), Some(30_000.0));
    }

    #[test]
    fn nothing_that_can_be_understood() {
        assert_eq!(parse_retry_after(None, Some(NOW_DATE), NOW), None);
        for header in NOT_NUMBERS {
            assert_eq!(parse_retry_after(Some(header), None, NOW), None, "{header}");
            assert_eq!(parse_reset(header, None, NOW), None, "{header}");
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
            (IN_30_S, 30_000.0),
        ];
        for (header, expected) in table {
            assert_eq!(ms(parse_reset(header, None, NOW)), Some(expected), "{header}");
            assert_eq!(ms(parse_reset(header, Some(NOW_DATE), 0.0)), Some(expected), "{header}");
        }
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
