//! Waiting for an execution by looking at it again and again.

use super::attempt::Context;
use super::events;
use super::operations::accept_execution;
use super::runtime;
use crate::api::execution::Status;
use crate::api::routes;
use crate::core::budget::{AppKey, Request};
use crate::core::error::Code;
use crate::core::hash::fnv1a;
use crate::core::iso_date::parse_iso_date;
use crate::core::poll::{Interval, Next, Seen, Wait, DEFAULT_TIMEOUT};
use crate::core::retry::{is_transient, Outcome};
use crate::core::time::{Instant, Millis};
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure, Parts};
use crate::host::read::{self, plain, quoted};
use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;

/// How a wait is to go.
#[derive(Debug)]
pub struct Plan {
    wait: Wait,
    has_on_update: bool,
}

impl Plan {
    /// Reads `WaitOptions`; the wait's time counts from `called_at`.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a bad option, `UNSUPPORTED` for a transport that is not there.
    pub fn read(options: &JsValue, called_at: Instant, timeout: Option<Millis>) -> Result<Self, Failure> {
        if let Some(transport) = read::text(options, "transport")? {
            if transport != "poll" {
                return Err(Parts::boxed(Code::Unsupported, "`transport` must be \"poll\"."));
            }
        }
        if read::flag(options, "cancelOnAbort")? == Some(true) {
            return Err(Parts::boxed(Code::Unsupported, "`cancelOnAbort` is not supported by this version of the API."));
        }
        let throw_on_failure = read::flag(options, "throwOnFailure")?.unwrap_or(true);
        let wait = Wait::new(called_at, timeout.unwrap_or(DEFAULT_TIMEOUT), read_interval(options)?, throw_on_failure);
        Ok(Self { wait, has_on_update: read::function(options, "onUpdate")? })
    }

    /// When the wait ends.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.wait.deadline
    }
}

/// Reads `pollIntervalMs`: a number, or `{ min, max }`.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for anything else.
pub fn read_interval(options: &JsValue) -> Result<Interval, Failure> {
    let value = read::member(options, "pollIntervalMs")?;
    if !value.is_object() {
        return Ok(read::millis(options, "pollIntervalMs")?.map_or_else(Interval::default, Interval::Fixed));
    }
    let Interval::Growing { min, max } = Interval::default() else { return Ok(Interval::default()) };
    let given_min = read::millis(&value, "min")?;
    let given_max = read::millis(&value, "max")?;
    // One bound alone moves the other out of its way.
    let min = given_min.unwrap_or_else(|| given_max.map_or(min, |max| max.min(min)));
    let max = given_max.unwrap_or_else(|| max.max(min));
    if min > max {
        return Err(invalid_argument("`pollIntervalMs.min` must not be greater than `pollIntervalMs.max`."));
    }
    Ok(Interval::Growing { min, max })
}

/// The id of an execution that is given as its id or as itself.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where there is none.
pub fn read_execution_id(execution: &JsValue) -> Result<String, Failure> {
    if !execution.is_object() {
        return read::id(execution, "executionId");
    }
    let id = read::member(execution, "executionId")?;
    read::id(&if id.is_undefined() { read::member(execution, "runId")? } else { id }, "executionId")
}

/// The status of a parsed execution.
#[must_use]
pub fn status(execution: &JsValue) -> Status {
    plain(execution, "status").as_string().map_or(Status::Other, |status| Status::parse(&status))
}

/// When an execution was created, in milliseconds since 1970, where it says so.
#[must_use]
pub fn created_at(execution: &JsValue) -> Option<f64> {
    parse_iso_date(&plain(execution, "createdAt").as_string()?)
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
pub fn ended(code: Code, execution: &JsValue) -> Failure {
    let mut failure = Parts::boxed(code, why(code, execution));
    failure.execution = execution.clone();
    failure
}

/// The execution's own message, else its outputs' errors, else a plain sentence.
fn why(code: Code, execution: &JsValue) -> String {
    let said = |object: &JsValue, name: &str| plain(object, name).as_string().filter(|text| !text.is_empty());
    if let Some(message) = said(execution, "errorMessage") {
        return message;
    }
    let mut message = String::new();
    for output in bindings::items(&plain(execution, "outputs")).iter() {
        if let Some(error) = said(&output, "error") {
            if !message.is_empty() {
                message.push_str("; ");
            }
            if let Some(label) = said(&output, "label") {
                message.push_str(&quoted(&label, ": "));
            }
            message.push_str(&error);
        }
    }
    match message.as_str() {
        "" if code == Code::ExecutionCancelled => "The execution was cancelled.".into(),
        "" => "The execution failed.".into(),
        _ => message,
    }
}

/// The error of a wait whose time is over.
#[must_use]
pub fn wait_timeout(execution: JsValue) -> Failure {
    let message = "The execution was not over when the wait's `timeoutMs` ran out. It goes on; wait for it again by its id.";
    let mut failure = Parts::boxed(Code::WaitTimeout, message);
    failure.execution = execution;
    failure
}

impl Context<'_> {
    /// Waits until the execution is over.
    ///
    /// # Errors
    ///
    /// `WAIT_TIMEOUT`, the execution's own failure, or a failure that will not pass.
    pub async fn wait(&self, subject: &JsValue, plan: Plan) -> Result<JsValue, Failure> {
        let id = read_execution_id(subject)?;
        let Plan { mut wait, has_on_update } = plan;
        wait.started_here = self.client.started(&id);
        let route = routes::get_execution(self.config.version, &id);
        let mut app = AppKey::new(0);
        // What the wait was given counts as seen, but is not news.
        let mut last = if subject.is_object() { subject.clone() } else { JsValue::UNDEFINED };
        let mut shown = false;
        let mut seen = Seen::Nothing;
        let mut failure = None;
        loop {
            let now = runtime::now();
            let pause = match wait.step(now, seen, bindings::random()) {
                Next::Poll(pause) => pause,
                Next::Done => {
                    self.client.budget.borrow_mut().learn(app, now.since(wait.began));
                    return Ok(with_outputs(last));
                }
                Next::Ended(code) => {
                    let mut failure = ended(code, &last);
                    failure.attempts = self.attempts.get();
                    return Err(failure);
                }
                Next::GiveUp | Next::TimedOut => {
                    let time_is_over = now >= wait.deadline;
                    let mut failure = match failure {
                        Some(failure) if !time_is_over => failure,
                        last_failure => {
                            let mut over = wait_timeout(JsValue::UNDEFINED);
                            over.cause = last_failure.map_or(JsValue::UNDEFINED, |failure: Failure| failure.to_js());
                            over
                        }
                    };
                    failure.execution = last;
                    failure.attempts = self.attempts.get();
                    return Err(failure);
                }
            };
            if events::wanted(self.client) {
                events::poll(self.call, &id, pause);
            }
            let due = now + pause;
            if due >= wait.deadline && pause > Millis::ZERO {
                self.call.sleep(wait.deadline).await;
                seen = seen_failure(Some(Outcome::TimedOut), None);
                continue;
            }
            let request = Request::Poll { due, age: now.since(wait.began), app };
            let looked = self.attempt(&route, &JsValue::UNDEFINED, request, wait.deadline).await;
            let looked =
                looked.and_then(|reply| self.accept(&reply.body(), reply.status(), accept_execution));
            match looked {
                Err(problem) => {
                    seen = seen_failure(problem.outcome, problem.retry_after);
                    failure = Some(problem);
                }
                Ok(execution) => {
                    if !shown {
                        app = app_of(&execution);
                        if let Some(created) = created_at(&execution) {
                            let age = Millis::new((bindings::wall() - created).max(0.0));
                            wait.began = runtime::now() - age;
                        }
                    }
                    let changed = !shown || bindings::differs(&last, &execution);
                    shown = true;
                    seen = Seen::Execution(status(&execution));
                    last = execution;
                    failure = None;
                    if changed && has_on_update {
                        bindings::update(self.call.id, &last);
                    }
                }
            }
        }
    }
}

/// What groups executions of one app, as far as a read tells.
fn app_of(execution: &JsValue) -> AppKey {
    AppKey::new(plain(execution, "workflowId").as_string().map_or(0, |id| fnv1a(&id)))
}

/// A completed execution has outputs, were it none.
fn with_outputs(execution: JsValue) -> JsValue {
    let outputs = plain(&execution, "outputs");
    if outputs.is_undefined() || outputs.is_null() {
        let _ = Reflect::set(&execution, &"outputs".into(), &Array::new());
    }
    execution
}
