//! Dates of the calendar, and the templates they are written by.

/// A date of the Gregorian calendar and a time of day, in no zone of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Civil {
    /// From 0 to 9999.
    pub year: u32,
    /// From 1.
    pub month: u32,
    /// From 1.
    pub day: u32,
    /// From 0 to 23.
    pub hour: u32,
    /// From 0 to 59.
    pub minute: u32,
    /// From 0; 60 in a leap second.
    pub second: u32,
}

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// Reads a `text` that looks like `template`, in which a small letter stands for something and all else for itself:
/// `y`, `d`, `h`, `m` and `s` for a digit of the year, the day, the hour, the minute and the second, `_` for a space or a
/// digit of the day, `b` for a letter of the month's English name, `w` for any letter.
#[must_use]
pub fn read(text: &str, template: &str) -> Option<Civil> {
    if text.len() != template.len() {
        return None;
    }
    let mut civil = Civil::default();
    let mut name = [0; 3];
    for (byte, sign) in text.bytes().zip(template.bytes()) {
        let field = match sign {
            b'y' => &mut civil.year,
            b'h' => &mut civil.hour,
            b'm' => &mut civil.minute,
            b's' => &mut civil.second,
            b'_' if byte == b' ' => continue,
            b'd' | b'_' => &mut civil.day,
            b'b' => {
                let [_, second, third] = name;
                name = [second, third, byte];
                continue;
            }
            b'w' if byte.is_ascii_alphabetic() => continue,
            _ if sign.eq_ignore_ascii_case(&byte) && sign != b'w' => continue,
            _ => return None,
        };
        *field = field.saturating_mul(10).saturating_add(char::from(byte).to_digit(10)?);
    }
    if name != [0; 3] {
        (civil.month, _) = (1..).zip(MONTHS.chunks_exact(3)).find(|(_, month)| month.eq_ignore_ascii_case(&name))?;
    }
    Some(civil)
}

impl Civil {
    /// Seconds from 1970-01-01T00:00:00 to this date and time, as if both were in the same zone; nothing where there is
    /// no such date or time.
    #[must_use]
    pub fn epoch_seconds(self) -> Option<f64> {
        let in_range = (1..=12).contains(&self.month)
            && (1..=self.days_of_month()).contains(&self.day)
            && self.hour <= 23
            && self.minute <= 59
            && self.second <= 60;
        in_range.then(|| {
            let minutes = (self.days() * 24.0 + f64::from(self.hour)) * 60.0 + f64::from(self.minute);
            minutes * 60.0 + f64::from(self.second)
        })
    }

    const fn days_of_month(self) -> u32 {
        match self.month {
            2 if self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// Days since 1970-01-01. The year starts in March here, so that a leap day is its last.
    fn days(self) -> f64 {
        let year = f64::from(self.year) - if self.month <= 2 { 1.0 } else { 0.0 };
        let month = f64::from(self.month.saturating_add(9) % 12);
        let leap_days = (year / 4.0).floor() - (year / 100.0).floor() + (year / 400.0).floor();
        let days_before_month = ((153.0 * month + 2.0) / 5.0).floor();
        365.0 * year + leap_days + days_before_month + f64::from(self.day) - 719_469.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(year: u32, month: u32, day: u32) -> Option<f64> {
        Some(Civil { year, month, day, ..Civil::default() }.epoch_seconds()? / 86_400.0)
    }

    #[test]
    fn days_of_the_calendar() {
        let table = [
            (1970, 1, 1, 0.0),
            (1970, 12, 31, 364.0),
            (1969, 12, 31, -1.0),
            (2000, 2, 29, 11_016.0),
            (2000, 3, 1, 11_017.0),
            (2026, 3, 23, 20_535.0),
            (0, 3, 1, -719_468.0),
            (0, 1, 1, -719_528.0),
            (9999, 12, 31, 2_932_896.0),
        ];
        for (year, month, day, expected) in table {
            assert_eq!(days(year, month, day), Some(expected), "{year}-{month}-{day}");
        }
    }

    #[test]
    fn days_that_do_not_exist() {
        let table =
            [(1900, 2, 29), (2025, 2, 29), (2026, 4, 31), (2026, 0, 10), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32)];
        for (year, month, day) in table {
            assert_eq!(days(year, month, day), None, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn a_template_is_kept_to_the_letter() {
        assert!(read("12:34", "hh:mm").is_some());
        for text in ["12:3", "12:345", "12-34", "1a:34", "+1:34", "\u{661}2:4", ""] {
            assert!(read(text, "hh:mm").is_none(), "{text}");
        }
        assert!(read("wed", "www").is_some());
        assert!(read("w3d", "www").is_none());
        assert!(read("\0\0\0", "bbb").is_some_and(|civil| civil.epoch_seconds().is_none()));
    }
}
