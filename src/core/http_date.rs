//! The dates of HTTP headers, in the three formats of RFC 9110, section 5.6.7.

use super::civil::{read, Civil};
use super::text::split;

/// Milliseconds from 1970 (UTC) to an HTTP date, in any of its formats:
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
///
/// The day of the week says nothing new and is not compared. A year of two digits is one from 1970 to 2069.
#[must_use]
pub fn parse_http_date(text: &str) -> Option<f64> {
    let text = text.trim_ascii();
    let civil = match split(text, b",") {
        (_, None) => read(text, "www bbb _d hh:mm:ss yyyy")?,
        (weekday, Some(rest)) if is_word(weekday) => read(rest, " dd bbb yyyy hh:mm:ss GMT")
            .or_else(|| read(rest, " dd-bbb-yy hh:mm:ss GMT").map(with_century))?,
        _ => return None,
    };
    Some(civil.epoch_seconds()? * 1_000.0)
}

fn is_word(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

const fn with_century(date: Civil) -> Civil {
    let century = if date.year < 70 { 2_000 } else { 1_900 };
    Civil { year: date.year.saturating_add(century), ..date }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_gives_the_same_moment() {
        let table = [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "  Sun, 06 Nov 1994 08:49:37 GMT ",
            "sun, 06 nov 1994 08:49:37 gmt",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun Nov 06 08:49:37 1994",
        ];
        for text in table {
            assert_eq!(parse_http_date(text), Some(784_111_777_000.0), "{text}");
        }
    }

    #[test]
    fn edges() {
        let table = [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1_000.0),
            ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600_000.0),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800_000.0),
            ("Mon, 23 Mar 2026 12:22:40 GMT", 1_774_268_560_000.0),
            ("Thursday, 01-Jan-70 00:00:00 GMT", 0.0),
            ("Tuesday, 31-Dec-69 00:00:00 GMT", 3_155_673_600_000.0),
            ("Thu Jan  1 00:00:00 1970", 0.0),
            ("Fri Dec 31 23:59:59 9999", 253_402_300_799_000.0),
        ];
        for (text, expected) in table {
            assert_eq!(parse_http_date(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_http_date() {
        let table = [
            "",
            ",",
            "5",
            "Sun",
            "Sun,",
            "Sun, 06 Nov 1994",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 PST",
            "Sun, 06 Nov 1994 08:49:37 GMT+1",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nox 1994 08:49:37 GMT",
            "Sun, 06 ovD 1994 08:49:37 GMT",
            "Su, 06 Nov 1994 08:49:37 GMT",
            "S1n, 06 Nov 1994 08:49:37 GMT",
            "Sun,06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sun Nov  6 08:49:37 94",
            "Sun Nov   08:49:37 1994",
            "1994-11-06T08:49:37Z",
            "784111777",
            "Sün, 06 Nov 1994 08:49:37 GMT",
        ];
        for text in table {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
    }
}
