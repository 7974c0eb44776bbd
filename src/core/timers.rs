//! One timer for everything that waits.
//!
//! The host is asked for a single timer, the earliest; ten thousand waits cost it no more than one.

use super::agenda::Agenda;
use super::time::Instant;

/// Whom a timer wakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleeper {
    /// The call with this number.
    Call(u32),
    /// The client with this number, whose budget may grant a request.
    Client(u32),
}

impl Sleeper {
    fn number(self) -> u64 {
        match self {
            Self::Call(id) => u64::from(id) << 1,
            Self::Client(id) => u64::from(id) << 1 | 1,
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "it was made of 32 bits")]
    const fn of(number: u64) -> Self {
        let id = (number >> 1) as u32;
        if number & 1 == 0 {
            Self::Call(id)
        } else {
            Self::Client(id)
        }
    }
}

/// When each sleeper wants to be woken.
///
/// A sleeper has one time at most, which its owner keeps; entries here that no longer equal it are stale, are passed
/// over, and are swept when they are the larger part.
#[derive(Debug, Default)]
pub struct Timers {
    agenda: Agenda,
}

/// Stale entries are not swept below this number.
const SWEEP_AT: usize = 64;

impl Timers {
    /// `sleeper` is to be woken at `at`.
    pub fn set(&mut self, sleeper: Sleeper, at: Instant) {
        if at != Instant::NEVER {
            self.agenda.push(at, sleeper.number());
        }
    }

    /// Whether more than half of the entries are stale, where `live` sleepers have one each.
    #[must_use]
    pub fn needs_sweep(&self, live: usize) -> bool {
        self.agenda.len() > live.saturating_mul(2).saturating_add(SWEEP_AT)
    }

    /// Starts anew with the times of `sleepers`, each once.
    pub fn sweep(&mut self, sleepers: impl Iterator<Item = (Instant, Sleeper)>) {
        self.agenda.clear();
        sleepers.for_each(|(at, sleeper)| self.set(sleeper, at));
    }

    /// The earliest time at which somebody wants to be woken; `wants` tells when a sleeper does.
    pub fn next(&mut self, wants: impl Fn(Sleeper) -> Instant) -> Instant {
        while let Some((at, number)) = self.agenda.peek() {
            if wants(Sleeper::of(number)) == at {
                return at;
            }
            self.agenda.pop();
        }
        Instant::NEVER
    }

    /// Takes out one whose time has come; the caller passes over what is stale.
    pub fn pop_due(&mut self, now: Instant) -> Option<(Instant, Sleeper)> {
        let (at, number) = self.agenda.peek().filter(|(at, _)| *at <= now)?;
        self.agenda.pop();
        Some((at, Sleeper::of(number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_that_is_not_stale_comes_first() {
        let mut timers = Timers::default();
        let at = Instant::new;
        timers.set(Sleeper::Call(1), at(50.0));
        timers.set(Sleeper::Call(2), at(10.0));
        timers.set(Sleeper::Call(2), at(90.0));
        timers.set(Sleeper::Client(0), Instant::NEVER);
        let wants = |sleeper| match sleeper {
            Sleeper::Call(1) => at(50.0),
            Sleeper::Call(2) => at(90.0),
            _ => Instant::NEVER,
        };
        assert_eq!(timers.next(wants), at(50.0));
        assert_eq!(timers.pop_due(at(49.0)), None);
        assert_eq!(timers.pop_due(at(50.0)), Some((at(50.0), Sleeper::Call(1))));
        assert_eq!(timers.pop_due(at(95.0)), Some((at(90.0), Sleeper::Call(2))));
        assert_eq!(timers.next(|_| Instant::NEVER), Instant::NEVER);
    }

    #[test]
    fn a_hundred_thousand_calls_leave_no_growth() {
        let mut timers = Timers::default();
        timers.set(Sleeper::Call(1), Instant::new(1.0));
        for call in 0..100_000_u32 {
            let deadline = Instant::new(60_000.0 + f64::from(call));
            timers.set(Sleeper::Call(0), deadline);
            if timers.needs_sweep(1) {
                timers.sweep([(deadline, Sleeper::Call(0))].into_iter());
            }
            assert!(timers.agenda.len() <= SWEEP_AT + 3);
        }
    }
}
