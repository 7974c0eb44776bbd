//! Points in time and spans of it, in milliseconds.
//!
//! Both wrap the `f64` that every JavaScript clock gives, so nothing is converted on the way in or out, and
//! arithmetic saturates instead of overflowing. A value that is not a number is taken as zero when it is made.

use core::cmp::Ordering;
use core::ops::{Add, Sub};

/// A span of time in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Millis(f64);

/// A point in time: milliseconds since an origin that the caller chose and keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Instant(f64);

macro_rules! ordered {
    ($name:ident) => {
        impl $name {
            /// The value itself, never NaN.
            #[must_use]
            pub const fn get(self) -> f64 {
                self.0
            }

            /// Wraps `value`; NaN becomes zero.
            #[must_use]
            pub const fn new(value: f64) -> Self {
                Self(if value.is_nan() { 0.0 } else { value })
            }

            /// The smaller of the two.
            #[must_use]
            pub fn min(self, other: Self) -> Self {
                Self(self.0.min(other.0))
            }

            /// The larger of the two.
            #[must_use]
            pub fn max(self, other: Self) -> Self {
                Self(self.0.max(other.0))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl Eq for $name {}

        // By the numbers' own comparisons, each of which is one instruction.
        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
            #[inline(always)]
            fn lt(&self, other: &Self) -> bool {
                self.0 < other.0
            }
            #[inline(always)]
            fn le(&self, other: &Self) -> bool {
                self.0 <= other.0
            }
            #[inline(always)]
            fn gt(&self, other: &Self) -> bool {
                self.0 > other.0
            }
            #[inline(always)]
            fn ge(&self, other: &Self) -> bool {
                self.0 >= other.0
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                // Neither is NaN.
                self.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal)
            }
        }
    };
}

ordered!(Millis);
ordered!(Instant);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0.0);
    /// Longer than any wait.
    pub const FOREVER: Self = Self(f64::INFINITY);

    /// This span; `other` where it is zero.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self == Self::ZERO {
            other
        } else {
            self
        }
    }

    /// `seconds` as milliseconds.
    #[must_use]
    pub const fn from_secs(seconds: f64) -> Self {
        Self::new(seconds * 1000.0)
    }

    /// What a timer of the host is set to, which counts whole milliseconds: not less, but for a hair that is the rounding
    /// of sums. With it, a timer of 5 s would be one of 5,001 ms, and who turns a fake clock by 5 s would wait in vain.
    #[must_use]
    pub fn for_timer(self) -> f64 {
        (self.0 - 0.001).ceil()
    }

    /// This span, `factor` times as long.
    #[must_use]
    pub const fn times(self, factor: f64) -> Self {
        Self::new(self.0 * factor)
    }
}

impl Instant {
    /// After every other instant.
    pub const NEVER: Self = Self(f64::INFINITY);

    /// How long ago `earlier` was; zero where it is not in the past.
    #[must_use]
    pub fn since(self, earlier: Self) -> Millis {
        Millis::new((self.0 - earlier.0).max(0.0))
    }
}

impl Add<Millis> for Instant {
    type Output = Self;
    fn add(self, span: Millis) -> Self {
        Self::new(self.0 + span.0)
    }
}

impl Sub<Millis> for Instant {
    type Output = Self;
    fn sub(self, span: Millis) -> Self {
        Self::new(self.0 - span.0)
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.0 + other.0)
    }
}

impl Sub for Millis {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.0 - other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_is_not_set_a_millisecond_too_long_for_a_hair() {
        let table = [(5_000.0, 5_000.0), (5_000.000_000_1, 5_000.0), (4_999.01, 5_000.0), (0.0, 0.0), (-1.0, -1.0)];
        for (span, timer) in table {
            assert_eq!(Millis::new(span).for_timer(), timer, "{span}");
        }
    }
}
