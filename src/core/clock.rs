//! A clock that only goes forward, whatever the host's clocks do.

use super::time::{Instant, Millis};

/// The client's own time, fed by readings of the host's clock and by timers that fire.
///
/// - A reading that went back (another clock was put in its place, or the wall clock was set) counts as no time.
/// - A timer that fires is proof that its time has come, even where the clock stands: test runners fake `setTimeout`
///   without `performance.now`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    now: Instant,
    reading: Option<Instant>,
    /// Whether it stood at the last look while a timer of the host went off.
    pub stands: bool,
}

impl Clock {
    /// A clock that was not fed yet.
    pub const NEW: Self = Self { now: Instant::new(0.0), reading: None, stands: false };

    /// The time now, by `reading`, what the host's clock shows.
    pub fn read(&mut self, reading: f64) -> Instant {
        let reading = Instant::new(reading);
        let passed = self.reading.map_or(Millis::ZERO, |before| reading.since(before));
        self.reading = Some(reading);
        self.now = self.now + passed;
        self.now
    }

    /// When it showed `reading`; no later than now.
    #[must_use]
    pub fn at(&self, reading: f64) -> Instant {
        self.now - self.reading.map_or(Millis::ZERO, |last| last.since(Instant::new(reading)))
    }

    /// It is `time` at least, whatever the readings say: a timer that was set for it has fired.
    pub fn is_at_least(&mut self, time: Instant) {
        self.now = self.now.max(time);
    }

    /// The time at the last look.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_follows_the_readings_forward_and_never_back() {
        let mut clock = Clock::default();
        let start = clock.read(1_000.0);
        assert_eq!(clock.read(1_250.0).since(start).get(), 250.0);
        assert_eq!(clock.read(-3_600_000.0).since(start).get(), 250.0, "an hour back is no time");
        assert_eq!(clock.read(-3_599_900.0).since(start).get(), 350.0, "and it goes on from there");
        assert_eq!(clock.at(-3_599_950.0).since(start).get(), 300.0, "what it showed before was before");
        assert_eq!(clock.at(9.0).since(start).get(), 350.0);
    }

    #[test]
    fn a_timer_that_fires_moves_a_clock_that_stands() {
        let mut clock = Clock::default();
        let start = clock.read(0.0);
        clock.is_at_least(start + Millis::new(5_000.0));
        assert_eq!(clock.read(1.0).since(start).get(), 5_001.0);
    }
}
