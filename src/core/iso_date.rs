//! The dates of the API's JSON: ISO 8601, as RFC 3339 narrows it.

use super::civil::read;

/// Milliseconds from 1970 (UTC) to a date and time such as `2026-03-23T12:22:40.552Z` or `2026-03-23T14:22:40+02:00`.
///
/// Digits after the third of a fraction are dropped. Without a zone the moment is unknown, and so is the answer.
#[must_use]
pub fn parse_iso_date(text: &str) -> Option<f64> {
    let (date, rest) = text.split_at_checked(19)?;
    let seconds = read(date, "yyyy-nn-ddThh:mm:ss")?.epoch_seconds()?;
    let (fraction, zone) = fraction_ms(rest)?;
    Some((seconds - offset_seconds(zone)?) * 1_000.0 + f64::from(fraction))
}

/// The fraction of a second that `text` may start with, in milliseconds, and what follows it.
fn fraction_ms(text: &str) -> Option<(u32, &str)> {
    let Some(text) = text.strip_prefix(['.', ',']) else { return Some((0, text)) };
    let zone = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let digits = text.strip_suffix(zone)?;
    let mut fraction = 0_u32;
    let mut weight = 100_u32;
    for digit in digits.chars() {
        fraction = fraction.saturating_add(digit.to_digit(10)?.saturating_mul(weight));
        weight /= 10;
    }
    (!digits.is_empty()).then_some((fraction, zone))
}

/// How far a zone is ahead of UTC: `Z`, or hours and minutes after a sign.
fn offset_seconds(zone: &str) -> Option<f64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0.0);
    }
    let (sign, time) = match zone.strip_prefix('+') {
        Some(time) => (1.0, time),
        None => (-1.0, zone.strip_prefix('-')?),
    };
    let time = read(time, "hh:mm").or_else(|| read(time, "hhmm")).or_else(|| read(time, "hh"))?;
    let in_range = time.hour <= 23 && time.minute <= 59;
    in_range.then(|| sign * (f64::from(time.hour) * 60.0 + f64::from(time.minute)) * 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_with_their_zones_and_fractions() {
        let table = [
            ("1970-01-01T00:00:00Z", 0.0),
            ("1970-01-01T00:00:00.000Z", 0.0),
            ("1969-12-31T23:59:59.999Z", -1.0),
            ("2026-03-23T12:22:40.552Z", 1_774_268_560_552.0),
            ("2026-03-23t12:22:40.552z", 1_774_268_560_552.0),
            ("2026-03-23T12:22:40Z", 1_774_268_560_000.0),
            ("2026-03-23T12:22:40.5Z", 1_774_268_560_500.0),
            ("2026-03-23T12:22:40,05Z", 1_774_268_560_050.0),
            ("2026-03-23T12:22:40.552999999999999999999Z", 1_774_268_560_552.0),
            ("2026-03-23T14:22:40+02:00", 1_774_268_560_000.0),
            ("2026-03-23T14:22:40.552+0200", 1_774_268_560_552.0),
            ("2026-03-23T14:22:40+02", 1_774_268_560_000.0),
            ("2026-03-23T06:52:40-05:30", 1_774_268_560_000.0),
            ("2026-03-24T00:22:40+12:00", 1_774_268_560_000.0),
            ("2026-03-23T12:22:40-00:00", 1_774_268_560_000.0),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000.0),
        ];
        for (text, expected) in table {
            assert_eq!(parse_iso_date(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_with_a_zone() {
        let table = [
            "",
            "2026-03-23",
            "2026-03-23T12:22Z",
            "2026-03-23T12:22:40",
            "2026-03-23T12:22:40.",
            "2026-03-23T12:22:40.Z",
            "2026-03-23T12:22:40.55 2Z",
            "2026-03-23T12:22:40.552",
            "2026-03-23T12:22:40ZZ",
            "2026-03-23T12:22:40Z ",
            " 2026-03-23T12:22:40Z",
            "2026-03-23T12:22:40+24:00",
            "2026-03-23T12:22:40+02:60",
            "2026-03-23T12:22:40+2",
            "2026-03-23T12:22:40+-2:00",
            "2026-03-23T12:22:40±02:00",
            "2026-03-23T24:00:00Z",
            "2026-02-29T12:22:40Z",
            "2026-3-23T12:22:40Z",
            "20260323T122240Z",
            "+02026-03-23T12:22:40Z",
            "-026-03-23T12:22:40Z",
            "2026-03-23T12:22:4é",
            "Mon, 23 Mar 2026 12:22:40 GMT",
        ];
        for text in table {
            assert_eq!(parse_iso_date(text), None, "{text}");
        }
    }
}
