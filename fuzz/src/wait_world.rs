//! One wait among any looks at all, and what is promised of its every step. A broken promise is a panic.

use lamina_wasm::api::execution::Status;
use lamina_wasm::client::wait::seen_failure;
use lamina_wasm::core::error::Code;
use lamina_wasm::core::poll::{Interval, Next, Seen, Wait};
use lamina_wasm::core::retry::Outcome;
use lamina_wasm::core::time::{Instant, Millis};

/// So long after its start an execution may be unknown to the server's reads.
const NOT_VISIBLE_YET: f64 = 10_000.0;

/// What came of a look.
#[derive(Clone, Debug)]
pub enum Look {
    /// The execution, with this word for its status.
    Word(String),
    /// No execution, and perhaps how long the server asked to be left alone.
    Failure(Outcome, Option<f64>),
}

/// A wait, and what happened to it.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// The wait, as the core keeps it.
    pub wait: Wait,
    failures: i32,
}

impl World {
    /// A wait before its first look.
    pub fn new(wait: Wait) -> Self {
        Self { wait, failures: 0 }
    }

    /// One step at `now`, by whatever clock; checks it against the contract, and gives it.
    pub fn step(&mut self, now: Instant, look: Option<&Look>, random: f64) -> Next {
        let seen = match look {
            None => Seen::Nothing,
            Some(Look::Word(word)) => Seen::Execution(Status::parse(word)),
            Some(Look::Failure(outcome, asked)) => seen_failure(Some(*outcome), asked.map(Millis::new)),
        };
        let mut restored = restored(&self.wait);
        let next = self.wait.step(now, seen, random);
        assert_eq!(restored.step(now, seen, random), next, "a state that was written and read goes on alike");
        assert_eq!(restored.failures, self.wait.failures);
        self.check(now, look, next);
        self.failures = if matches!(look, Some(Look::Failure(..))) { self.failures.saturating_add(1) } else { 0 };
        next
    }

    fn check(&self, now: Instant, look: Option<&Look>, next: Next) {
        match look {
            Some(Look::Word(word)) if word == "completed" => return assert_eq!(next, Next::Done),
            Some(Look::Word(word)) if word == "failed" => {
                return assert_eq!(next, self.ended(Code::ExecutionFailed));
            }
            Some(Look::Word(word)) if word == "cancelled" => {
                return assert_eq!(next, self.ended(Code::ExecutionCancelled));
            }
            Some(Look::Failure(outcome, _)) if !self.passes(now, *outcome) => {
                return assert_eq!(next, Next::GiveUp);
            }
            _ => {}
        }
        let left = self.wait.deadline.since(now).get();
        if left == 0.0 {
            return assert_eq!(next, Next::TimedOut);
        }
        let Next::Poll(pause) = next else { panic!("{next:?} ends a wait with {left} ms left after {look:?}") };
        let pause = pause.get();
        assert!((0.0..=left).contains(&pause), "{pause} of {left}");
        let (least, most) = self.bounds(now, look);
        let rounding = 1e-9 * most.abs();
        assert!(pause >= least.min(left) - rounding, "{pause} is sooner than {least}, {left} left, after {look:?}");
        assert!(pause <= most + rounding, "{pause} is later than {most} after {look:?}");
    }

    fn ended(&self, code: Code) -> Next {
        if self.wait.throw_on_failure {
            Next::Ended(code)
        } else {
            Next::Done
        }
    }

    /// Whether the wait goes on after a look that failed so.
    fn passes(&self, now: Instant, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Network | Outcome::TimedOut | Outcome::Broken => true,
            Outcome::Status { status: 404, .. } => {
                self.wait.started_here.is_some_and(|start| now.since(start).get() < NOT_VISIBLE_YET)
            }
            Outcome::Status { status, .. } => matches!(status, 408 | 429 | 500..=599),
        }
    }

    /// The shortest and the longest pause after such a look, were there no deadline.
    fn bounds(&self, now: Instant, look: Option<&Look>) -> (f64, f64) {
        let (least, most) = match self.wait.interval {
            Interval::Fixed(pause) => (pause.get(), pause.get()),
            Interval::Growing { min, max } => {
                let pause = (now.since(self.wait.began).get() / 10.0).max(min.get()).min(max.get());
                (pause * 0.9, pause * 1.1)
            }
        };
        match look {
            None => (0.0, 0.0),
            Some(Look::Word(_)) => (least, most),
            // Never sooner than asked, and no later than is good after a failure.
            Some(Look::Failure(_, Some(asked))) => (*asked, asked.max(most)),
            Some(Look::Failure(_, None)) => {
                let back_off = (500.0 * 2_f64.powi(self.failures)).min(8_000.0);
                (least.min(back_off * 0.5), most.min(back_off))
            }
        }
    }
}

/// The same wait, its numbers taken through text, as a state is that an engine stores.
fn restored(wait: &Wait) -> Wait {
    let read = |number: f64| number.to_string().parse::<f64>().unwrap_or(f64::NAN);
    let instant = |instant: Instant| Instant::new(read(instant.get()));
    let millis = |millis: Millis| Millis::new(read(millis.get()));
    Wait {
        began: instant(wait.began),
        deadline: instant(wait.deadline),
        interval: match wait.interval {
            Interval::Fixed(pause) => Interval::Fixed(millis(pause)),
            Interval::Growing { min, max } => Interval::Growing { min: millis(min), max: millis(max) },
        },
        throw_on_failure: wait.throw_on_failure,
        started_here: wait.started_here.map(instant),
        failures: wait.failures,
    }
}
