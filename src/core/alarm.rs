//! One timer of the host, set no more often than needed.

use super::clock::Clock;
use super::time::{Instant, Millis};

/// The longest pause that a host's timer can count; a longer one is asked for in parts.
const LONGEST: Millis = Millis::new(2_147_483_647.0);

/// When somebody wants to be woken, and what the host's timer is set for.
#[derive(Clone, Copy, Debug)]
pub struct Alarm {
    wanted: Instant,
    /// When the timer was set, and for when.
    armed: Option<(Instant, Instant)>,
    /// How often in a row it went off a little early.
    early: u8,
}

/// Node counts a timer from the start of its event loop's turn, so that it goes off as much too early as the turn had lasted.
/// What is early by more than that, and by most of its time, or again and again, is no mistake of the timer but a clock that
/// stands: test runners fake timers without clocks. From then on timers are taken at their word.
const A_LITTLE: Millis = Millis::new(50.0);
const AGAIN: u8 = 3;

impl Default for Alarm {
    fn default() -> Self {
        Self { wanted: Instant::NEVER, armed: None, early: 0 }
    }
}

impl Alarm {
    /// Wants to be woken at `at`, or not at all where that is never. Gives the pause that the host's timer must be set to
    /// (negative: cleared); nothing where it stands right, or goes off earlier and will be set again then.
    pub fn set(&mut self, now: Instant, at: Instant) -> Option<Millis> {
        self.wanted = at;
        match self.armed {
            Some((_, due)) if at == Instant::NEVER || due <= at => None,
            None if at == Instant::NEVER => None,
            _ => {
                let pause = at.since(now).min(LONGEST);
                self.armed = Some((now, now + pause));
                Some(pause)
            }
        }
    }

    /// Like [`Alarm::set`], but a timer that nobody wants is cleared: for those that may live on without one.
    pub fn set_exactly(&mut self, now: Instant, at: Instant) -> Option<Millis> {
        if at == Instant::NEVER {
            self.wanted = at;
            return self.armed.take().map(|_| Millis::new(-1.0));
        }
        self.set(now, at)
    }

    /// The host's timer went off: whether the time has come. If not, it is to be set again.
    pub fn went_off(&mut self, clock: &mut Clock) -> bool {
        if let Some((set, due)) = self.armed.take() {
            let short = due.since(clock.now());
            self.early = if short > Millis::ZERO { self.early.saturating_add(1) } else { 0 };
            let is_much = short > A_LITTLE && short > due.since(set).times(0.5);
            clock.stands = short > Millis::ZERO && (clock.stands || is_much);
            if clock.stands || self.early >= AGAIN {
                clock.is_at_least(due);
                self.early = 0;
            }
        }
        self.wanted <= clock.now()
    }

    /// When somebody wants to be woken.
    #[must_use]
    pub const fn wanted(&self) -> Instant {
        self.wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(now: f64) -> Instant {
        Instant::new(now)
    }

    fn pause(alarm: &mut Alarm, now: f64, until: f64) -> Option<f64> {
        alarm.set(at(now), at(until)).map(Millis::get)
    }

    #[test]
    fn a_timer_that_goes_off_early_enough_is_left_alone() {
        let mut alarm = Alarm::default();
        assert_eq!(pause(&mut alarm, 0.0, 30_000.0), Some(30_000.0));
        assert_eq!(pause(&mut alarm, 10.0, 60_000.0), None);
        assert_eq!(pause(&mut alarm, 20.0, 1_020.0), Some(1_000.0));
    }

    #[test]
    fn it_is_set_again_where_it_went_off_before_the_time() {
        let mut clock = Clock::default();
        let start = clock.read(0.0);
        let mut alarm = Alarm::default();
        alarm.set(start, start + Millis::new(1_000.0));
        alarm.set(start, start + Millis::new(5_000.0));
        clock.read(1_000.0);
        assert!(!alarm.went_off(&mut clock));
        assert_eq!(alarm.set(clock.now(), alarm.wanted()).map(Millis::get), Some(4_000.0));
        clock.read(5_000.0);
        assert!(alarm.went_off(&mut clock));
    }

    #[test]
    fn a_timer_that_is_a_little_early_is_set_again_for_the_rest() {
        let mut clock = Clock::default();
        let start = clock.read(0.0);
        let mut alarm = Alarm::default();
        alarm.set(start, start + Millis::new(250.0));
        clock.read(247.0);
        assert!(!alarm.went_off(&mut clock));
        assert_eq!(alarm.set(clock.now(), alarm.wanted()).map(Millis::get), Some(3.0));
        assert!(!alarm.went_off(&mut clock), "nor does a second one count that goes off at once");
        alarm.set(clock.now(), alarm.wanted());
        clock.read(250.0);
        assert!(alarm.went_off(&mut clock));
    }

    #[test]
    fn beside_a_clock_that_stands_small_differences_are_nothing_either() {
        let mut clock = Clock::default();
        let start = clock.read(0.0);
        let (mut first, mut second) = (Alarm::default(), Alarm::default());
        first.set(start, start + Millis::new(30_000.0));
        second.set(start, start + Millis::new(30_003.0));
        assert!(first.went_off(&mut clock));
        assert!(second.went_off(&mut clock));
        let mut third = Alarm::default();
        third.set(clock.now(), clock.now() + Millis::new(1_000.0));
        clock.read(1_000.0);
        assert!(third.went_off(&mut clock) && !clock.stands, "until a timer and the clock agree again");
    }

    #[test]
    fn a_clock_that_stands_stops_nothing() {
        let mut clock = Clock::default();
        let start = clock.read(0.0);
        let mut alarm = Alarm::default();
        alarm.set(start, start + Millis::new(3_000.0));
        assert!(alarm.went_off(&mut clock), "three seconds are no mistake");
        let mut alarm = Alarm::default();
        clock.stands = false;
        let soon = clock.now() + Millis::new(5.0);
        let mut times = 0;
        loop {
            alarm.set(clock.now(), soon);
            times += 1;
            if alarm.went_off(&mut clock) {
                break;
            }
        }
        assert_eq!(times, 3);
    }

    #[test]
    fn a_month_is_asked_for_in_parts() {
        let mut clock = Clock::default();
        let mut alarm = Alarm::default();
        let month = 30.0 * 86_400_000.0;
        assert_eq!(pause(&mut alarm, 0.0, month), Some(LONGEST.get()));
        clock.read(0.0);
        clock.read(LONGEST.get());
        assert!(!alarm.went_off(&mut clock));
    }

    #[test]
    fn what_nobody_wants_is_cleared_where_that_is_asked_for() {
        let mut alarm = Alarm::default();
        assert_eq!(alarm.set_exactly(at(0.0), Instant::NEVER), None);
        alarm.set_exactly(at(0.0), at(10.0));
        assert_eq!(alarm.set_exactly(at(0.0), Instant::NEVER).map(Millis::get), Some(-1.0));
    }
}
