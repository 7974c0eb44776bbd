//! Whether an attempt is followed by another, and after what pause.

use super::time::Millis;

/// What an attempt did to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only read, or may be repeated for another reason.
    Safe,
    /// It starts, and bills, an execution: the API documents no idempotency key, so a start whose answer was lost may
    /// have happened.
    Start,
}

/// How an attempt ended without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `fetch` rejected, or the body broke off.
    Network,
    /// The attempt's time ran out.
    TimedOut,
    /// An answer with this status.
    Status {
        /// The HTTP status.
        status: u16,
        /// Whether the body holds a code that says that the server refused before it did any work:
        /// `RESOURCE_UNAVAILABLE` with 503, `AUTH_FAILED` with 500.
        refused_before_work: bool,
    },
    /// An answer that breaks the promise: not JSON, the wrong shape, or a redirect.
    Broken,
}

/// Whether another attempt is safe and may help.
#[must_use]
pub fn is_retryable(effect: Effect, outcome: Outcome) -> bool {
    match (effect, outcome) {
        // The limiter refuses before any work.
        (_, Outcome::Status { status: 429, .. }) => true,
        (Effect::Start, Outcome::Status { refused_before_work, .. }) => refused_before_work,
        (Effect::Start, _) | (_, Outcome::Broken) => false,
        (Effect::Safe, Outcome::Status { status, .. }) => status == 408 || (500..=599).contains(&status),
        (Effect::Safe, Outcome::Network | Outcome::TimedOut) => true,
    }
}

/// Whether a poll that ended so says nothing of the execution, so that the wait goes on.
///
/// A body that is no JSON or lacks its members was broken on the way; a redirect was not, and is told apart by its
/// status.
#[must_use]
pub fn is_transient(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Status { status, .. } => status == 408 || status == 429 || (500..=599).contains(&status),
        Outcome::Network | Outcome::TimedOut | Outcome::Broken => true,
    }
}

const FIRST: f64 = 500.0;
const LONGEST: f64 = 8_000.0;

/// The pause after failure number `failures` (0 for the first): `min(500 ms · 2^n, 8 s)`, times a factor between 0.5
/// and 1 that `random` (in [0, 1)) chooses, so that clients that failed together do not come back together.
#[must_use]
pub fn back_off(failures: u32, random: f64) -> Millis {
    let doubled = FIRST * f64::from(1_u32 << failures.min(5));
    Millis::new(doubled.min(LONGEST) * (0.5 + fraction(random) / 2.0))
}

/// A random number of the host, which may be of any kind where somebody replaced `Math.random`.
#[must_use]
pub fn fraction(random: f64) -> f64 {
    // A clamp alone keeps what is not a number.
    random.max(0.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn status(status: u16) -> Outcome {
        Outcome::Status { status, refused_before_work: false }
    }

    const fn refused(status: u16) -> Outcome {
        Outcome::Status { status, refused_before_work: true }
    }

    #[test]
    fn the_table_of_retries() {
        // outcome, a read is tried again, a start is tried again, a wait lives on
        let table = [
            (Outcome::Network, true, false, true),
            (Outcome::TimedOut, true, false, true),
            (Outcome::Broken, false, false, true),
            (status(408), true, false, true),
            (status(429), true, true, true),
            (status(500), true, false, true),
            (refused(500), true, true, true),
            (status(502), true, false, true),
            (status(503), true, false, true),
            (refused(503), true, true, true),
            (status(302), false, false, false),
            (status(400), false, false, false),
            (status(401), false, false, false),
            (status(403), false, false, false),
            (status(404), false, false, false),
            (status(409), false, false, false),
            (status(410), false, false, false),
            (status(422), false, false, false),
        ];
        for (outcome, read, start, wait) in table {
            assert_eq!(is_retryable(Effect::Safe, outcome), read, "read {outcome:?}");
            assert_eq!(is_retryable(Effect::Start, outcome), start, "start {outcome:?}");
            assert_eq!(is_transient(outcome), wait, "wait {outcome:?}");
        }
    }

    #[test]
    fn the_back_off_doubles_to_eight_seconds_and_keeps_its_bounds() {
        let longest = [500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 8_000.0, 8_000.0];
        for (failures, pause) in (0..).zip(longest) {
            assert_eq!(back_off(failures, 1.0).get(), pause);
            assert_eq!(back_off(failures, 0.0).get(), pause / 2.0);
        }
        assert_eq!(back_off(u32::MAX, f64::NAN.max(0.5)).get(), 6_000.0);
    }
}
