//! What a webhook must look like before its signature is worth checking.
//!
//! Rules from the API's page on the webhook signing key: a hexadecimal signature, unix seconds, five minutes.

use super::text::all;
use super::time::Millis;

/// How far a delivery's time may be from now, either way: 5 minutes.
pub const DEFAULT_TOLERANCE: Millis = Millis::new(300_000.0);

/// Why a delivery is not looked at any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The signature is not 128 hexadecimal digits.
    Signature,
    /// The timestamp is not a whole number in decimal digits.
    Timestamp,
    /// The timestamp is too old, or in the future.
    Expired,
}

/// The time of a delivery, in seconds since 1970, where its headers are in order; `now` in milliseconds since 1970.
///
/// # Errors
///
/// What is not in order.
pub fn check_head(signature: &str, timestamp: &str, now: f64, tolerance: Millis) -> Result<f64, Refused> {
    if signature.len() != 128 || !all(signature, |byte| byte.is_ascii_hexdigit()) {
        return Err(Refused::Signature);
    }
    let digits = 1..=15; // as many as a number holds exactly
    if !digits.contains(&timestamp.len()) || !all(timestamp, |byte| byte.is_ascii_digit()) {
        return Err(Refused::Timestamp);
    }
    let seconds = timestamp.bytes().fold(0.0, |sum, digit| sum * 10.0 + f64::from(digit & 15));
    if (now - seconds * 1_000.0).abs() > tolerance.get() {
        return Err(Refused::Expired);
    }
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_774_268_655_000.0;

    fn check(signature: &str, timestamp: &str) -> Result<f64, Refused> {
        check_head(signature, timestamp, NOW, DEFAULT_TOLERANCE)
    }

    #[test]
    fn a_signature_is_128_hexadecimal_digits_and_nothing_else() {
        let good = "0123456789abcdefABCDEF0123456789".repeat(4);
        assert_eq!(check(&good, "1774268655"), Ok(1_774_268_655.0));
        let wrong = [
            "",
            &good[1..],
            &(good.clone() + "0"),
            &good.replace('f', "g"),
            &good.replace('f', "é"),
            &format!("0x{}", &good[2..]),
        ];
        for signature in wrong {
            assert_eq!(check(signature, "1774268655"), Err(Refused::Signature), "{signature:?}");
        }
    }

    #[test]
    fn a_timestamp_is_decimal_digits_and_nothing_else() {
        let good = "0".repeat(128);
        for timestamp in [
            "",
            "-1774268655",
            "+1774268655",
            " 1774268655",
            "1774268655 ",
            "1774268655.0",
            "1e9",
            "0x69c",
            "١٧٧",
            &"1".repeat(16),
        ] {
            assert_eq!(check(&good, timestamp), Err(Refused::Timestamp), "{timestamp:?}");
        }
    }

    #[test]
    fn the_window_is_five_minutes_both_ways_its_ends_included() {
        let good = "0".repeat(128);
        for (seconds, fits) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
            let timestamp = (1_774_268_655_i64 + seconds).to_string();
            assert_eq!(check(&good, &timestamp).is_ok(), fits, "{seconds}");
        }
        assert_eq!(check(&good, "0"), Err(Refused::Expired));
        assert_eq!(check(&good, "1774268655000"), Err(Refused::Expired), "milliseconds are the future");
    }
}
