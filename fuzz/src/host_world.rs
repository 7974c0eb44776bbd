//! A host with one clock and one timer, and a sleeper that it is to wake in time. A broken promise is a panic.

use lamina_wasm::core::alarm::Alarm;
use lamina_wasm::core::clock::Clock;
use lamina_wasm::core::time::{Instant, Millis};

/// What timers of hosts can count.
const LONGEST: f64 = 2_147_483_647.0;
/// What Node's timers are early by at most.
const A_LITTLE: f64 = 50.0;

/// What happens to the host while somebody sleeps; the times count from what happened before.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    /// After so long something else happens in the client, which looks at the clock.
    Look(f64),
    /// After so long the clock is set, unseen, by so much.
    Jump(f64, f64),
    /// The next timer fires so much too late, or too early where it is negative.
    Late(f64),
    /// After so long the clock stands, or goes on again.
    Stand(f64, bool),
}

/// The host. `truth` is the time that nobody sees.
#[derive(Debug, Default)]
pub struct Host {
    truth: f64,
    reading: f64,
    stands: bool,
    clock: Clock,
    alarm: Alarm,
    /// When the host's timer fires, by the truth.
    timer: Option<f64>,
    timers: usize,
    before: Instant,
}

/// How a sleep was.
#[derive(Clone, Copy, Debug)]
pub struct Slept {
    /// By the truth.
    pub long: f64,
    /// How often the host's timer was set.
    pub timers: usize,
    /// How much the timers were late, all in all.
    pub late: f64,
}

impl Host {
    /// The client's time by a look at the clock. It never goes back.
    pub fn now(&mut self) -> Instant {
        let now = self.clock.read(self.reading);
        assert!(now >= self.before, "the client's time went back");
        self.before = now;
        now
    }

    /// The time that nobody sees.
    pub fn truth(&self) -> f64 {
        self.truth
    }

    /// The clock is set.
    pub fn jump(&mut self, by: f64) {
        self.reading += by;
    }

    fn pass(&mut self, time: f64) {
        self.truth += time;
        if !self.stands {
            self.reading += time;
        }
    }

    fn arm(&mut self, until: Instant) {
        if let Some(pause) = self.alarm.set(self.clock.now(), until) {
            assert!((0.0..=LONGEST).contains(&pause.get()), "no timer of a host counts {pause:?}");
            self.timer = Some(self.truth + pause.get().ceil());
            self.timers += 1;
        }
    }

    /// Sleeps until `until` among `troubles`, of which it takes what happens before the end.
    pub fn sleep(&mut self, until: Instant, troubles: &mut impl Iterator<Item = Trouble>) -> Slept {
        let (began, timers) = (self.truth, self.timers);
        let mut late = 0.0;
        self.now();
        self.arm(until);
        loop {
            let Some(fires_at) = self.timer.take() else { panic!("nothing would ever wake the sleeper") };
            late += self.run(fires_at, troubles);
            self.now();
            if self.alarm.went_off(&mut self.clock) {
                break;
            }
            self.arm(self.alarm.wanted());
            assert!(self.timers - timers < 1_000, "timer after timer, and nobody is woken");
        }
        assert!(self.now() >= until, "woken before its time");
        Slept { long: self.truth - began, timers: self.timers - timers, late }
    }

    /// Waits for an answer that takes `latency`, `until` at most; tells whether it came.
    pub fn wait_for_answer(&mut self, latency: f64, until: Instant) -> bool {
        self.now();
        self.arm(until);
        if self.timer.is_some_and(|fires_at| fires_at < self.truth + latency) {
            self.sleep(until, &mut std::iter::empty());
            return false;
        }
        self.pass(latency);
        self.now();
        true
    }

    /// Runs until the timer fires; gives how late it was.
    fn run(&mut self, fires_at: f64, troubles: &mut impl Iterator<Item = Trouble>) -> f64 {
        for trouble in troubles {
            let (Trouble::Look(after) | Trouble::Jump(after, _) | Trouble::Stand(after, _)) = trouble else {
                let Trouble::Late(late) = trouble else { continue };
                self.pass((fires_at - self.truth + late).max(0.0));
                return late.max(0.0);
            };
            if self.truth + after >= fires_at {
                break;
            }
            self.pass(after);
            match trouble {
                Trouble::Jump(_, by) => self.jump(by),
                Trouble::Stand(_, stands) => self.stands = stands,
                Trouble::Look(_) | Trouble::Late(_) => {
                    self.now();
                }
            }
        }
        self.pass((fires_at - self.truth).max(0.0));
        0.0
    }
}

/// The longest that a first sleep of `pause` may last where the clock is set back or stands: a timer that is early by less
/// than half is set again for the rest, and the third such is believed.
pub fn longest(pause: Millis) -> f64 {
    (pause.get() * 1.75).max(pause.get() + 2.0 * A_LITTLE) + 4.0
}
