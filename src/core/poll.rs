//! The polling state machine: when to look at an execution again, and when to stop.

use super::error::Code;
use super::retry::{back_off, fraction};
use super::time::{Instant, Millis};
use crate::api::execution::Status;

/// How long to pause between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Always this long.
    Fixed(Millis),
    /// A tenth of the execution's age within these bounds, ±10 %: short jobs are seen soon, long ones cost few requests
    /// (the API's guide to long-running executions asks for 3 to 5 s for images and 10 to 15 s for videos).
    Growing {
        /// The shortest pause.
        min: Millis,
        /// The longest pause.
        max: Millis,
    },
}

impl Default for Interval {
    fn default() -> Self {
        Self::Growing { min: DEFAULT_MIN, max: DEFAULT_MAX }
    }
}

const DEFAULT_MIN: Millis = Millis::new(3_000.0);
const DEFAULT_MAX: Millis = Millis::new(15_000.0);

impl Interval {
    /// Growing within these bounds. A bound that is zero is left to the default, which moves out of the other's way;
    /// `None` where the bounds are the wrong way round.
    #[must_use]
    pub fn between(min: Millis, max: Millis) -> Option<Self> {
        let (min, max) = match (min == Millis::ZERO, max == Millis::ZERO) {
            (true, true) => (DEFAULT_MIN, DEFAULT_MAX),
            (true, false) => (DEFAULT_MIN.min(max), max),
            (false, true) => (min, DEFAULT_MAX.max(min)),
            (false, false) => (min, max),
        };
        (min <= max).then_some(Self::Growing { min, max })
    }

    /// The pause for an execution of this age; `random` in [0, 1).
    #[must_use]
    pub fn pause(self, age: Millis, random: f64) -> Millis {
        match self {
            Self::Fixed(pause) => pause,
            Self::Growing { min, max } => age.times(0.1).max(min).min(max).times(0.9 + 0.2 * fraction(random)),
        }
    }
}

/// How long a wait lasts where its user does not say: 30 minutes.
pub const DEFAULT_TIMEOUT: Millis = Millis::new(1_800_000.0);

/// After its start, an execution may be invisible to reads for so long.
const NOT_VISIBLE_YET: Millis = Millis::new(10_000.0);

/// What a look at the execution showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// There was no look yet.
    Nothing,
    /// The execution, with this status.
    Execution(Status),
    /// The look failed.
    Failure {
        /// Whether the failure says nothing of the execution.
        transient: bool,
        /// Whether the server said that there is no such execution.
        not_found: bool,
        /// How long the server asked to be left alone.
        asked: Option<Millis>,
    },
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Look again after this pause.
    Poll(Millis),
    /// The execution is over, and the wait ends well.
    Done,
    /// The execution is over, and the wait rejects with this code.
    Ended(Code),
    /// The last look's failure ends the wait.
    GiveUp,
    /// The wait's time is over.
    TimedOut,
}

/// One wait.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    /// When the execution was created, or first seen: what its age counts from.
    pub began: Instant,
    /// When the wait ends.
    pub deadline: Instant,
    /// How long to pause between two looks.
    pub interval: Interval,
    /// Whether an execution that failed or was cancelled rejects the wait.
    pub throw_on_failure: bool,
    /// When this side started the execution, if it did.
    pub started_here: Option<Instant>,
    /// How many looks failed in a row.
    pub failures: u32,
}

impl Wait {
    /// A wait that begins at `now`.
    #[must_use]
    pub fn new(now: Instant, timeout: Millis, interval: Interval, throw_on_failure: bool) -> Self {
        Self { began: now, deadline: now + timeout, interval, throw_on_failure, started_here: None, failures: 0 }
    }

    /// What to do after `seen`, at `now`; `random` in [0, 1) spreads the looks.
    pub fn step(&mut self, now: Instant, seen: Seen, random: f64) -> Next {
        let pause = self.interval.pause(now.since(self.began), random);
        let pause = match seen {
            Seen::Nothing => Millis::ZERO,
            Seen::Execution(status) if status.is_terminal() => return self.ending(status),
            Seen::Execution(_) => {
                self.failures = 0;
                pause
            }
            Seen::Failure { transient, not_found, asked } => {
                let not_yet = not_found && self.started_here.is_some_and(|start| now.since(start) < NOT_VISIBLE_YET);
                if !transient && !not_yet {
                    return Next::GiveUp;
                }
                let sooner = back_off(self.failures, random).min(pause);
                self.failures = self.failures.saturating_add(1);
                // A server that asks for no pause at all, or whose date is past by our clock, gets the usual one.
                asked.map_or(sooner, |asked| asked.max(sooner))
            }
        };
        if now >= self.deadline {
            return Next::TimedOut;
        }
        Next::Poll(pause.min(self.deadline.since(now)))
    }

    fn ending(&self, status: Status) -> Next {
        match status {
            Status::Failed if self.throw_on_failure => Next::Ended(Code::ExecutionFailed),
            Status::Cancelled if self.throw_on_failure => Next::Ended(Code::ExecutionCancelled),
            _ => Next::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait() -> Wait {
        Wait::new(Instant::new(0.0), DEFAULT_TIMEOUT, Interval::default(), true)
    }

    fn at(now: f64) -> Instant {
        Instant::new(now)
    }

    const RUNNING: Seen = Seen::Execution(Status::Other);
    const BLIP: Seen = Seen::Failure { transient: true, not_found: false, asked: None };
    const GONE: Seen = Seen::Failure { transient: false, not_found: true, asked: None };

    #[test]
    fn the_first_look_is_at_once_and_the_pause_grows_with_the_age() {
        let mut wait = wait();
        assert_eq!(wait.step(at(0.0), Seen::Nothing, 0.5), Next::Poll(Millis::ZERO));
        for (now, pause) in [(0.0, 3_000.0), (29_000.0, 3_000.0), (60_000.0, 6_000.0), (900_000.0, 15_000.0)] {
            assert_eq!(wait.step(at(now), RUNNING, 0.5), Next::Poll(Millis::new(pause)), "{now}");
        }
        assert_eq!(wait.step(at(60_000.0), RUNNING, 0.0), Next::Poll(Millis::new(5_400.0)));
        assert_eq!(wait.step(at(60_000.0), RUNNING, 1.0), Next::Poll(Millis::new(6_000.0 * 1.1)));
    }

    #[test]
    fn one_bound_alone_moves_the_other_out_of_its_way() {
        let table = [
            ((0.0, 0.0), Some((3_000.0, 15_000.0))),
            ((5.0, 0.0), Some((5.0, 15_000.0))),
            ((20_000.0, 0.0), Some((20_000.0, 20_000.0))),
            ((0.0, 100.0), Some((100.0, 100.0))),
            ((10.0, 20.0), Some((10.0, 20.0))),
            ((20.0, 10.0), None),
        ];
        for ((min, max), expected) in table {
            let expected =
                expected.map(|(min, max)| Interval::Growing { min: Millis::new(min), max: Millis::new(max) });
            assert_eq!(Interval::between(Millis::new(min), Millis::new(max)), expected);
        }
    }

    #[test]
    fn a_fixed_interval_has_no_jitter() {
        let mut wait = wait();
        wait.interval = Interval::Fixed(Millis::new(250.0));
        for random in [0.0, 0.3, 1.0] {
            assert_eq!(wait.step(at(1e6), RUNNING, random), Next::Poll(Millis::new(250.0)));
        }
    }

    #[test]
    fn every_status_but_three_goes_on() {
        let table = [
            (Status::Completed, Next::Done, Next::Done),
            (Status::Failed, Next::Ended(Code::ExecutionFailed), Next::Done),
            (Status::Cancelled, Next::Ended(Code::ExecutionCancelled), Next::Done),
        ];
        for (status, throwing, resolving) in table {
            let mut wait = wait();
            assert_eq!(wait.step(at(1.0), Seen::Execution(status), 0.5), throwing);
            wait.throw_on_failure = false;
            assert_eq!(wait.step(at(1.0), Seen::Execution(status), 0.5), resolving);
        }
    }

    #[test]
    fn trouble_never_ends_a_wait_before_its_deadline_and_shortens_no_pause_that_was_asked_for() {
        let mut wait = wait();
        let pauses: Vec<_> = (0..4).map(|_| wait.step(at(0.0), BLIP, 1.0)).collect();
        let expected = [500.0, 1_000.0, 2_000.0, 3_000.0 * 1.1].map(|ms| Next::Poll(Millis::new(ms)));
        assert_eq!(pauses, expected, "back-off, but never later than the next look would have been");
        let asked = Seen::Failure { transient: true, not_found: false, asked: Some(Millis::new(40_000.0)) };
        assert_eq!(wait.step(at(0.0), asked, 0.5), Next::Poll(Millis::new(40_000.0)));
        assert_eq!(wait.step(DEFAULT_TIMEOUT_AT, BLIP, 0.5), Next::TimedOut);
    }

    const DEFAULT_TIMEOUT_AT: Instant = Instant::new(1_800_000.0);

    #[test]
    fn not_found_means_not_yet_only_within_ten_seconds_of_our_own_start() {
        let mut wait = wait();
        assert_eq!(wait.step(at(1.0), GONE, 0.5), Next::GiveUp);
        wait.started_here = Some(at(0.0));
        assert!(matches!(wait.step(at(9_999.0), GONE, 0.5), Next::Poll(_)));
        assert_eq!(wait.step(at(10_000.0), GONE, 0.5), Next::GiveUp);
    }

    #[test]
    fn a_completed_execution_counts_even_when_it_is_seen_late() {
        let mut wait = wait();
        assert_eq!(wait.step(at(9e9), Seen::Execution(Status::Completed), 0.5), Next::Done);
        assert_eq!(wait.step(at(9e9), RUNNING, 0.5), Next::TimedOut);
    }

    #[test]
    fn the_last_look_is_not_later_than_the_deadline() {
        let mut wait = wait();
        assert_eq!(wait.step(at(1_799_000.0), RUNNING, 0.5), Next::Poll(Millis::new(1_000.0)));
    }
}
