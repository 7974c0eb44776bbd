//! Waiting for an execution by looking at it again and again.

use super::attempt::Context;
use super::clock;
use super::events;
use super::look::Looks;
use super::steps::read_execution_id;
use crate::api::execution::Status;
use crate::api::routes::ApiVersion;
use crate::core::budget::AppKey;
use crate::core::error::Code;
use crate::core::hash::fnv1a;
use crate::core::poll::{Interval, Next, Seen, Wait, DEFAULT_TIMEOUT};
use crate::core::retry::{is_transient, Outcome};
use crate::core::time::{Instant, Millis};
use crate::core::transport::Way;
use crate::host::bindings;
use crate::host::failure::{Failure, Parts};
use crate::host::options::Options;
use crate::host::read::text_of;
use crate::host::value::{self, Value};

/// How a wait is to go.
#[derive(Debug)]
pub struct Plan {
    /// Its polling, before it began.
    pub wait: Wait,
    has_on_update: bool,
    /// By which executions arrive; undefined where there is nothing.
    arrival: Value,
    /// Which way the looks go; `None` where the client chooses.
    way: Option<Way>,
    /// Whether an abort or a time-out cancels the execution.
    cancels: bool,
}

const TRANSPORTS: &str = " must be \"poll\", \"long-poll\", \"stream\" or \"auto\".";

impl Plan {
    /// Takes `WaitOptions`; the wait's time counts from `called_at`, and is half an hour where `timeout` is zero.
    pub fn take(options: &mut Options, called_at: Instant, timeout: Millis, version: ApiVersion) -> Self {
        let is_newest = version == ApiVersion::V1;
        let way = match options.choice("transport", &["poll", "long-poll", "stream", "auto"], TRANSPORTS) {
            Some(1) => Some(Way::LongPoll),
            Some(2) => Some(Way::Stream),
            Some(3) if is_newest => None,
            // What older versions have is one way.
            _ => Some(Way::Poll),
        };
        let cancels = options.flag("cancelOnAbort", false);
        if !is_newest && (cancels || way.is_some_and(|way| way != Way::Poll)) {
            options.refuse(Parts::new(Code::Unsupported, "This option needs `apiVersion: \"v1\"`."));
        }
        let interval = take_interval(options);
        let arrival = options.value("arrival");
        if !arrival.is_undefined() && !bindings::is_source(arrival) {
            options.refuse_option("arrival", " must be a promise or an async iterable.");
        }
        Self {
            wait: Wait::new(called_at, timeout.or(DEFAULT_TIMEOUT), interval, options.flag("throwOnFailure", true)),
            has_on_update: options.function("onUpdate"),
            arrival,
            way,
            cancels,
        }
    }
}

/// Takes `pollIntervalMs`: a number, or `{ min, max }`.
pub fn take_interval(options: &mut Options) -> Interval {
    let value = options.value("pollIntervalMs");
    if value.is_undefined() {
        return Interval::default();
    }
    if !value.is_object() {
        return Interval::Fixed(options.millis("pollIntervalMs"));
    }
    let mut bounds = Options::new(value);
    let (min, max) = (bounds.millis("min"), bounds.millis("max"));
    let interval = Interval::between(min, max).filter(|_| bounds.finish().is_ok());
    if interval.is_none() {
        let expected = " must be a positive number of milliseconds, or { min, max } of such, min not above max.";
        options.refuse_option("pollIntervalMs", expected);
    }
    interval.unwrap_or_default()
}

/// The status of a parsed execution.
#[must_use]
pub fn status(execution: Value) -> Status {
    execution.get("status").text().map_or(Status::Other, |status| Status::parse(&status))
}

/// When an execution was created, in milliseconds since 1970, where it says so.
#[must_use]
pub fn created_at(execution: Value) -> Option<f64> {
    Some(bindings::parse_date(text_of(execution, "createdAt"))).filter(|created| created.is_finite())
}

/// The failure of a look, as the state machine sees it.
#[must_use]
pub fn seen_failure(outcome: Option<Outcome>, asked: Option<Millis>) -> Seen {
    Seen::Failure {
        transient: outcome.is_some_and(is_transient),
        not_found: matches!(outcome, Some(Outcome::Status { status: 404, .. })),
        asked,
    }
}

/// The error with which an execution that ended badly rejects.
#[must_use]
pub fn ended(code: Code, execution: Value) -> Failure {
    let mut failure = Parts::with(code, why(code, execution));
    failure.execution = execution;
    failure
}

/// The execution's own message, else its outputs' errors, else a plain sentence.
fn why(code: Code, execution: Value) -> Value {
    let message = text_of(execution, "errorMessage");
    if !message.is_undefined() {
        return message;
    }
    let mut message = String::new();
    let outputs = execution.get("outputs");
    for output in outputs.items() {
        if let Some(error) = text_of(output, "error").text() {
            if !message.is_empty() {
                message.push_str("; ");
            }
            message.push_str(&error);
        }
    }
    match message.as_str() {
        "" if code == Code::ExecutionCancelled => "The execution was cancelled.",
        "" => "The execution failed.",
        message => message,
    }
    .into()
}

/// The error of a wait whose time is over.
#[must_use]
pub fn wait_timeout(execution: Value) -> Failure {
    let message = "The wait's `timeoutMs` ran out. The execution goes on; wait for it again by its id.";
    let mut failure = Parts::new(Code::WaitTimeout, message);
    failure.execution = execution;
    failure
}

impl Context<'_> {
    /// Waits until the execution is over.
    ///
    /// # Errors
    ///
    /// `WAIT_TIMEOUT`, the execution's own failure, or a failure that will not pass.
    pub async fn wait(&self, subject: Value, plan: &Plan) -> Result<Value, Failure> {
        let id = read_execution_id(subject)?;
        let mut wait = plan.wait;
        wait.started_here = id.text().and_then(|id| self.client.started(&id));
        if !plan.arrival.is_undefined() {
            bindings::expect_arrival(plan.arrival, id);
        }
        let mut cancelling = plan.cancels.then(|| CancelOnDrop { call: self.call.id, execution_id: id });
        let mut looks = Looks::new(self, id, plan.way, &wait);
        // What the wait was given counts as seen, but is not news.
        let mut last = if subject.is_object() { subject } else { Value::UNDEFINED };
        // Of all looks, what outlives the next one: the last execution, and the error of the last failure.
        let (kept_execution, kept_error) = (Value::reserve(), Value::reserve());
        let mark = value::mark();
        let mut error = Value::UNDEFINED;
        let mut shown = false;
        let mut seen = Seen::Nothing;
        let mut failure: Option<Failure> = None;
        loop {
            let now = clock::now();
            let next = wait.step(now, seen, bindings::random());
            if !matches!(next, Next::Poll(_) | Next::TimedOut) {
                if let Some(cancelling) = cancelling.take() {
                    cancelling.disarm();
                }
            }
            let pause = match next {
                Next::Poll(_) if looks.was_held => Millis::ZERO,
                Next::Poll(pause) => pause,
                Next::Done => {
                    self.client.budget.borrow_mut().learn(looks.app, now.since(wait.began));
                    return Ok(with_outputs(last));
                }
                Next::Ended(code) => return Err(ended(code, last)),
                Next::GiveUp | Next::TimedOut => {
                    let mut failure =
                        failure.filter(|_| now < wait.deadline).unwrap_or_else(|| wait_timeout(last).because(error));
                    failure.execution = last;
                    return Err(failure);
                }
            };
            if self.config.on_event && !looks.is_streaming() {
                events::poll(id, pause);
            }
            value::release(mark);
            failure = None;
            let due = now + pause;
            looks.began = wait.began;
            let looked = match self.call.unless_arrived(looks.next(due)).await {
                Ok(looked) => looked,
                Err(arrived) => {
                    looks.abort();
                    Ok(arrived)
                }
            };
            match looked {
                Err(problem) => {
                    seen = seen_failure(problem.outcome, problem.retry_after);
                    kept_error.replace(problem.to_js());
                    error = kept_error;
                    failure = Some(problem);
                }
                Ok(execution) => {
                    if !shown {
                        looks.app = app_of(execution);
                        if let Some(created) = created_at(execution) {
                            let age = Millis::new((bindings::wall() - created).max(0.0));
                            wait.began = clock::now() - age;
                        }
                    }
                    let changed = !shown || bindings::differs(last, execution);
                    shown = true;
                    seen = Seen::Execution(status(execution));
                    kept_execution.replace(execution);
                    last = kept_execution;
                    error = Value::UNDEFINED;
                    if changed && plan.has_on_update {
                        bindings::update(last);
                        clock::look();
                    }
                }
            }
        }
    }
}

/// Cancels the execution when a wait ends before it: dropped by an abort, or at the end of the wait's time.
struct CancelOnDrop {
    call: u32,
    /// Undefined where there is nothing to cancel any more.
    execution_id: Value,
}

impl CancelOnDrop {
    fn disarm(mut self) {
        self.execution_id = Value::UNDEFINED;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if !self.execution_id.is_undefined() {
            bindings::cancel_execution(self.call, self.execution_id);
        }
    }
}

/// What groups executions of one app, as far as a read tells.
fn app_of(execution: Value) -> AppKey {
    AppKey::new(execution.get("workflowId").text().map_or(0, |id| fnv1a(&id)))
}

/// A completed execution has outputs, were it none.
fn with_outputs(execution: Value) -> Value {
    if execution.get("outputs").is_undefined() {
        execution.set("outputs", Value::list());
    }
    execution
}
