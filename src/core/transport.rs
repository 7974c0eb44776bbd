//! Which way the next look at an execution goes: asked for, held open by the server, or streamed.

use super::time::{Instant, Millis};

/// A way to learn of an execution's changes, the least demanding first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A plain read.
    #[default]
    Poll,
    /// A read that the server answers when the execution is over, or its time is.
    LongPoll,
    /// Server-sent events.
    Stream,
}

/// The ways of one wait: the one that is wanted; while that is broken, plain reads.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    wanted: Way,
    /// How often the wanted way failed in a row.
    failures: u32,
    /// How many plain reads come before it is tried again.
    reads_left: u32,
    /// Since when it is wanted.
    since: Instant,
}

/// How long a choice holds. Networks and servers change, and clients live long.
const CHOSEN_FOR: Millis = Millis::new(600_000.0);

/// The longest time that `/wait` takes, in seconds (the API's page on waiting).
const LONGEST_HOLD: f64 = 120.0;
/// What a held reply needs beside: the way there and back.
const MARGIN: f64 = 2.0;

impl Ways {
    /// A wait that goes this way where it can.
    #[must_use]
    pub const fn new(wanted: Way, now: Instant) -> Self {
        Self { wanted, failures: 0, reads_left: 0, since: now }
    }

    /// The ways of a wait that begins now, where they are chosen: what was learned of late, else the best.
    #[must_use]
    pub fn chosen(self, now: Instant) -> Self {
        if now.since(self.since) < CHOSEN_FOR {
            self
        } else {
            Self::new(Way::Stream, now)
        }
    }

    /// Which way the next look goes.
    #[must_use]
    pub fn next(&self) -> Way {
        if self.reads_left > 0 {
            Way::Poll
        } else {
            self.wanted
        }
    }

    /// A look of this kind succeeded.
    pub fn worked(&mut self, way: Way) {
        if way == Way::Poll {
            self.reads_left = self.reads_left.saturating_sub(1);
        } else {
            self.failures = 0;
        }
    }

    /// A look of this kind failed: after 1, 3, 7 … failures in a row, so many plain reads come first.
    pub fn broke(&mut self, way: Way) {
        if way != Way::Poll {
            self.failures = self.failures.saturating_add(1);
            self.reads_left = (1_u32 << self.failures.min(5)).saturating_sub(1);
        }
    }

    /// Whether the wanted way failed so often that a client that chooses by itself leaves it.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.failures >= 3
    }
}

/// For how many seconds the server may hold a reply, where an attempt and the whole wait have so much time; `None` where
/// that is not worth it.
#[must_use]
pub fn hold(attempt: Millis, left: Millis) -> Option<u32> {
    let seconds = (attempt.min(left).get() / 1_000.0 - MARGIN).min(LONGEST_HOLD);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 120")]
    (seconds >= 1.0).then_some(seconds as u32)
}

/// Whether a reply that took so long was really held: one that comes at once is followed by a pause, or it would be a flood.
#[must_use]
pub fn was_held(seconds: u32, took: Millis) -> bool {
    took.get() >= f64::from(seconds) * 500.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_way_is_tried_again_after_more_and_more_plain_reads() {
        let mut ways = Ways::new(Way::Stream, Instant::new(0.0));
        for reads in [1, 3, 7, 15, 31, 31] {
            assert_eq!(ways.next(), Way::Stream);
            ways.broke(Way::Stream);
            for _ in 0..reads {
                assert_eq!(ways.next(), Way::Poll);
                ways.broke(Way::Poll);
                ways.worked(Way::Poll);
            }
        }
        ways.worked(Way::Stream);
        ways.broke(Way::Stream);
        ways.worked(Way::Poll);
        assert_eq!(ways.next(), Way::Stream, "a success forgets the failures");
    }

    #[test]
    fn what_was_learned_is_forgotten_after_ten_minutes() {
        let at = Instant::new;
        let learned = Ways::new(Way::LongPoll, at(1_000.0));
        assert_eq!(learned.chosen(at(600_999.0)).next(), Way::LongPoll);
        assert_eq!(learned.chosen(at(601_000.0)).next(), Way::Stream);
    }

    #[test]
    fn a_hold_fits_the_attempt_and_the_wait_and_the_server() {
        let ms = Millis::new;
        assert_eq!(hold(ms(30_000.0), ms(1_800_000.0)), Some(28));
        assert_eq!(hold(ms(600_000.0), ms(1_800_000.0)), Some(120));
        assert_eq!(hold(ms(30_000.0), ms(10_500.0)), Some(8));
        assert_eq!(hold(ms(30_000.0), ms(2_999.0)), None);
        assert!(was_held(28, ms(28_050.0)) && was_held(28, ms(14_000.0)) && !was_held(28, ms(13_999.0)));
    }
}
