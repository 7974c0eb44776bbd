//! `pollStep`: the polling state machine as a pure step over plain JSON, for engines that outlive the process.

use super::steps::read_execution_id;
use super::wait::{created_at, ended, status, take_interval, wait_timeout};
use crate::core::error::Code;
use crate::core::hash::fraction;
use crate::core::poll::{Interval, Next, Seen, Wait, DEFAULT_TIMEOUT};
use crate::core::retry::{is_transient, Outcome};
use crate::core::time::{Instant, Millis};
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure};
use crate::host::options::Options;
use crate::host::read::member;
use crate::host::value::Value;

/// The version of the state that is written, and the newest that is read.
const VERSION: f64 = 1.0;

/// One step: the state before (null for the first) and what was observed; gives `{ state, next }`.
///
/// The state is changed in a copy of our own. Times in it are milliseconds since 1970, as the observations give them.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for a state or an observation that is none.
pub fn step(state: Value, observation: Value) -> Result<Value, Failure> {
    if !observation.is_object() {
        return Err(invalid_argument("The observation must be an object with `now`."));
    }
    let mut given = Options::new(observation);
    let now = given.value("now").number();
    if !now.is_finite() {
        given.refuse(invalid_argument("`now` must be a number, as Date.now() gives it."));
    }
    let (execution, error) = (given.value("execution"), given.value("error"));
    let state = if state.is_nothing() { begin(&mut given, execution, now) } else { copy(state)? };
    let mut seen = Seen::Nothing;
    if !execution.is_undefined() {
        if !execution.get("status").is_string() {
            given.refuse(invalid_argument("`execution` must be an execution, with its `status`."));
        }
        state.set("execution", execution);
        seen = Seen::Execution(status(execution));
    } else if !error.is_undefined() {
        seen = seen_error(error);
    }
    given.finish()?;
    let broken = || invalid_argument("The state is not one that `pollStep` made.");
    let (mut wait, spread) = read(state).ok_or_else(broken)?;
    let next = wait.step(Instant::new(now), seen, spread);
    state.set("failures", wait.failures.into());
    let last = state.get("execution");
    let (kind, name, value) = match next {
        Next::Poll(pause) => {
            state.set("polls", (state.get("polls").number() + 1.0).into());
            ("poll", "afterMs", (pause.get() + 0.5).floor().into())
        }
        Next::Done => ("done", "execution", last),
        Next::Ended(code) => ("fail", "error", ended(code, last).to_js()),
        Next::GiveUp => ("fail", "error", error),
        Next::TimedOut => ("fail", "error", wait_timeout(last).to_js()),
    };
    let next = Value::object(&[("type", kind.into()), (name, value)]);
    Ok(Value::object(&[("state", state), ("next", next)]))
}

/// The state of a wait that begins with this observation.
fn begin(given: &mut Options, execution: Value, now: f64) -> Value {
    let id = given.value("executionId");
    let execution_id = read_execution_id(if id.is_undefined() { execution } else { id }).unwrap_or_else(|failure| {
        given.refuse(failure);
        id
    });
    let mut options = Options::new(given.value("options"));
    let timeout = options.millis("timeoutMs").or(DEFAULT_TIMEOUT);
    let (min, max) = match take_interval(&mut options) {
        Interval::Fixed(pause) => (pause, pause),
        Interval::Growing { min, max } => (min, max),
    };
    let throw_on_failure = options.flag("throwOnFailure", true);
    if let Err(failure) = options.finish() {
        given.refuse(failure);
    }
    let began = created_at(execution).filter(|created| *created <= now).unwrap_or(now);
    Value::object(&[
        ("v", VERSION.into()),
        ("executionId", execution_id),
        ("beganAt", began.into()),
        ("deadlineAt", (now + timeout.get()).into()),
        ("pollIntervalMs", Value::object(&[("min", min.get().into()), ("max", max.get().into())])),
        ("throwOnFailure", throw_on_failure.into()),
        // A wait that begins with the answer to `execute` knows that the execution is young.
        ("startedAt", if execution.is_undefined() { execution } else { now.into() }),
        ("failures", 0.0.into()),
        ("polls", 0.0.into()),
    ])
}

/// The state that the step before gave, as an object of our own.
fn copy(state: Value) -> Result<Value, Failure> {
    if member(state, "v")?.number() > VERSION {
        return Err(invalid_argument("The state was made by a newer version of lamina-wasm: update this side."));
    }
    let copy = Value::object(&[]);
    copy.assign(state);
    Ok(copy)
}

/// The wait that a state holds, and the number that spreads its next look; nothing where it is no state.
fn read(state: Value) -> Option<(Wait, f64)> {
    let number = |name| state.get(name).number();
    let interval = state.get("pollIntervalMs");
    let (min, max) = (interval.get("min").number(), interval.get("max").number());
    let (began, deadline, started) = (number("beganAt"), number("deadlineAt"), number("startedAt"));
    let (failures, polls) = (number("failures"), number("polls"));
    let (failed, looked) = (failures as u32, polls as u32);
    let is_good = number("v") == VERSION
        && (max + began + deadline).is_finite()
        && min > 0.0
        && min <= max
        && f64::from(failed) == failures
        && f64::from(looked) == polls;
    let id = state.get("executionId");
    if !is_good || !bindings::is_id(id) {
        return None;
    }
    let (min, max) = (Millis::new(min), Millis::new(max));
    let wait = Wait {
        began: Instant::new(began),
        deadline: Instant::new(deadline),
        interval: if min == max { Interval::Fixed(min) } else { Interval::Growing { min, max } },
        throw_on_failure: state.get("throwOnFailure").as_bool()?,
        started_here: (!started.is_nan()).then(|| Instant::new(started)),
        failures: failed,
    };
    Some((wait, fraction(&id.text()?, looked)))
}

/// What an error of `getExecution` (or of whatever else looked) says: a `LaminaError`, its JSON, or another error, which
/// is taken for a broken connection.
fn seen_error(error: Value) -> Seen {
    let status = error.get("status").number() as u16;
    let transient = match Code::named(&error.get("code").text().unwrap_or_default()) {
        // Also without a status: from this client, which was told to pause, or from JSON that lost it.
        Some(
            Code::NetworkError | Code::Timeout | Code::RateLimited | Code::ResourceUnavailable | Code::InternalError,
        ) => true,
        Some(Code::InvalidResponse) if status / 100 != 3 => true,
        code if status == 0 => code.is_none(),
        _ => is_transient(Outcome::Status { status, refused_before_work: false }),
    };
    let asked = error.get("retryAfterMs").number();
    let asked = (!asked.is_nan()).then(|| Millis::new(asked));
    Seen::Failure { transient, not_found: status == 404, asked }
}
