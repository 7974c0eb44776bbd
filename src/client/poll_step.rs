//! `pollStep`: the polling state machine as a pure step over plain JSON, for engines that outlive the process.

use super::steps::read_execution_id;
use super::wait::{created_at, ended, seen_failure, status, take_interval, wait_timeout};
use crate::core::error::Code;
use crate::core::hash::fraction;
use crate::core::poll::{Interval, Next, Seen, Wait, DEFAULT_TIMEOUT};
use crate::core::retry::Outcome;
use crate::core::time::{Instant, Millis};
use crate::host::failure::{invalid_argument, Failure};
use crate::host::options::Options;
use crate::host::read;
use crate::host::value::Value;

/// The version of the state that is written, and the newest that is read.
const VERSION: u32 = 1;

/// The state of one wait, as JSON. Times are milliseconds since 1970, as the observations give them.
struct State {
    execution_id: Value,
    began_at: f64,
    deadline_at: f64,
    poll_interval_ms: [f64; 2],
    throw_on_failure: bool,
    started_at: Option<f64>,
    failures: u32,
    polls: u32,
    execution: Value,
}

/// One step: the state before (null for the first) and what was observed; gives `{ state, next }`.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for a state or an observation that is none.
pub fn step(state: Value, observation: Value) -> Result<Value, Failure> {
    if !observation.is_object() {
        return Err(invalid_argument("The observation must be an object with `now`."));
    }
    let now = read::member(observation, "now")?.as_f64().filter(|now| now.is_finite());
    let now = now.ok_or_else(|| invalid_argument("`now` must be a number, as Date.now() gives it."))?;
    let is_first = state.is_nothing();
    let mut state = if is_first { begin(observation, now)? } else { State::read(state)? };
    let mut wait = state.wait();
    let error = read::member(observation, "error")?;
    let execution = read::member(observation, "execution")?;
    let seen = if !execution.is_undefined() {
        if !execution.get("status").is_string() {
            return Err(invalid_argument("`execution` must be an execution, with its `status`."));
        }
        if is_first {
            let created = created_at(execution).filter(|created| *created <= now);
            state.began_at = created.unwrap_or(now);
            wait.began = Instant::new(state.began_at);
        }
        state.execution = execution;
        Seen::Execution(status(state.execution))
    } else if !error.is_undefined() {
        seen_error(error)
    } else {
        Seen::Nothing
    };
    let next =
        wait.step(Instant::new(now), seen, fraction(&state.execution_id.text().unwrap_or_default(), state.polls));
    state.failures = wait.failures;
    let (kind, name, value) = match next {
        Next::Poll(pause) => {
            state.polls = state.polls.saturating_add(1);
            ("poll", "afterMs", (pause.get() + 0.5).floor().into())
        }
        Next::Done => ("done", "execution", state.execution),
        Next::Ended(code) => ("fail", "error", ended(code, state.execution).to_js()),
        Next::GiveUp => ("fail", "error", error),
        Next::TimedOut => ("fail", "error", wait_timeout(state.execution).to_js()),
    };
    let next = Value::object(&[("type", kind.into())]);
    next.set(name, value);
    Ok(Value::object(&[("state", state.write()), ("next", next)]))
}

/// The state of a wait that begins with this observation.
fn begin(observation: Value, now: f64) -> Result<State, Failure> {
    let id = read::member(observation, "executionId")?;
    let execution = read::member(observation, "execution")?;
    let execution_id = read_execution_id(if id.is_undefined() { execution } else { id })?;
    let options = read::member(observation, "options")?;
    let mut options = Options::new(options);
    let timeout = options.millis("timeoutMs");
    let poll_interval_ms = match take_interval(&mut options) {
        Interval::Fixed(pause) => [pause.get(), pause.get()],
        Interval::Growing { min, max } => [min.get(), max.get()],
    };
    let throw_on_failure = options.flag("throwOnFailure", true);
    options.finish()?;
    let timeout = timeout.or(DEFAULT_TIMEOUT);
    Ok(State {
        execution_id,
        began_at: now,
        deadline_at: now + timeout.get(),
        poll_interval_ms,
        throw_on_failure,
        // A wait that begins with the answer to `execute` knows that the execution is young.
        started_at: (!execution.is_undefined()).then_some(now),
        failures: 0,
        polls: 0,
        execution: Value::UNDEFINED,
    })
}

impl State {
    fn read(state: Value) -> Result<Self, Failure> {
        let broken = || invalid_argument("The state is not one that `pollStep` made.");
        if !state.is_object() {
            return Err(broken());
        }
        match read::member(state, "v")?.as_f64() {
            Some(version) if version == f64::from(VERSION) => {}
            Some(version) if version > f64::from(VERSION) => {
                return Err(invalid_argument(
                    "The state was made by a newer version of lamina-wasm: update this side.",
                ));
            }
            _ => return Err(broken()),
        }
        let number = |object: Value, name: &str| {
            object.get(name).as_f64().filter(|number| number.is_finite()).ok_or_else(broken)
        };
        let count = |name: &str| read::whole(state.get(name)).ok_or_else(broken);
        let interval = state.get("pollIntervalMs");
        let interval = [number(interval, "min")?, number(interval, "max")?];
        let [min, max] = interval;
        if !(min > 0.0 && min <= max) {
            return Err(broken());
        }
        Ok(Self {
            execution_id: read_execution_id(state.get("executionId")).map_err(|_| broken())?,
            began_at: number(state, "beganAt")?,
            deadline_at: number(state, "deadlineAt")?,
            poll_interval_ms: interval,
            throw_on_failure: state.get("throwOnFailure").as_bool().ok_or_else(broken)?,
            started_at: state.get("startedAt").as_f64(),
            failures: count("failures")?,
            polls: count("polls")?,
            execution: state.get("execution"),
        })
    }

    fn write(self) -> Value {
        let [min, max] = self.poll_interval_ms;
        Value::object(&[
            ("v", VERSION.into()),
            ("executionId", self.execution_id),
            ("beganAt", self.began_at.into()),
            ("deadlineAt", self.deadline_at.into()),
            ("pollIntervalMs", Value::object(&[("min", min.into()), ("max", max.into())])),
            ("throwOnFailure", self.throw_on_failure.into()),
            ("startedAt", self.started_at.map_or(Value::UNDEFINED, Value::from)),
            ("failures", self.failures.into()),
            ("polls", self.polls.into()),
            ("execution", self.execution),
        ])
    }

    fn wait(&self) -> Wait {
        let [min, max] = self.poll_interval_ms;
        let (min, max) = (Millis::new(min), Millis::new(max));
        Wait {
            began: Instant::new(self.began_at),
            deadline: Instant::new(self.deadline_at),
            interval: if min == max { Interval::Fixed(min) } else { Interval::Growing { min, max } },
            throw_on_failure: self.throw_on_failure,
            started_here: self.started_at.map(Instant::new),
            failures: self.failures,
        }
    }
}

/// What an error of `getExecution` (or of whatever else looked) says: a `LaminaError`, its JSON, or another error, which
/// is taken for a broken connection.
fn seen_error(error: Value) -> Seen {
    let status = read::whole(error.get("status")).unwrap_or_default();
    let code = error.get("code").text().unwrap_or_default();
    let asked = error.get("retryAfterMs").as_f64().map(Millis::new);
    #[allow(clippy::cast_possible_truncation, reason = "a status has three digits")]
    let with_status = Outcome::Status { status: status as u16, refused_before_work: false };
    let is_lamina_code = Code::ALL.iter().any(|known| known.as_str() == code);
    let outcome = match code.as_str() {
        // The last three also without a status: from this client, which was told to pause, or from JSON that lost it.
        "NETWORK_ERROR" | "RATE_LIMITED" | "RESOURCE_UNAVAILABLE" | "INTERNAL_ERROR" => Some(Outcome::Network),
        "TIMEOUT" => Some(Outcome::TimedOut),
        "INVALID_RESPONSE" if !(300..=399).contains(&status) => Some(Outcome::Broken),
        _ if status != 0 => Some(with_status),
        _ if is_lamina_code => None,
        _ => Some(Outcome::Network),
    };
    seen_failure(outcome, asked)
}
