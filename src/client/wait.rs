//! Waiting for an execution by looking at it again and again.

use super::attempt::Context;
use super::events;
use super::look::Looks;
use super::runtime;
use super::steps::read_execution_id;
use crate::api::execution::Status;
use crate::api::routes::ApiVersion;
use crate::core::budget::{AppKey, Request};
use crate::core::error::Code;
use crate::core::hash::fnv1a;
use crate::core::poll::{Interval, Next, Seen, Wait, DEFAULT_TIMEOUT};
use crate::core::retry::{is_transient, Outcome};
use crate::core::time::{Instant, Millis};
use crate::core::transport::Way;
use crate::host::bindings;
use crate::host::failure::{invalid_option, Failure, Parts};
use crate::host::options::Options;
use crate::host::read::{plain, plain_text};
use crate::host::write::set;
use js_sys::Array;
use wasm_bindgen::JsValue;

/// How a wait is to go.
#[derive(Debug)]
pub struct Plan {
    wait: Wait,
    has_on_update: bool,
    has_arrival: bool,
    /// Which way the looks go; `None` where the client chooses.
    way: Option<Way>,
    /// Whether an abort or a time-out cancels the execution.
    cancels: bool,
}

impl Plan {
    /// Takes `WaitOptions`; the wait's time counts from `called_at`, and is half an hour where `timeout` is zero.
    pub fn take(options: &mut Options, called_at: Instant, timeout: Millis, version: ApiVersion) -> Self {
        let is_newest = version == ApiVersion::V1;
        let transport = options.text("transport");
        let way = match transport.as_deref() {
            None | Some("poll") => Some(Way::Poll),
            Some("long-poll") => Some(Way::LongPoll),
            Some("stream") => Some(Way::Stream),
            // What older versions have is one way.
            Some("auto") => (!is_newest).then_some(Way::Poll),
            Some(_) => {
                options
                    .refuse(invalid_option("transport", " must be \"poll\", \"long-poll\", \"stream\" or \"auto\"."));
                None
            }
        };
        let cancels = options.flag("cancelOnAbort", false);
        if !is_newest && (cancels || way.is_some_and(|way| way != Way::Poll)) {
            options.refuse(Parts::new(Code::Unsupported, "This option needs `apiVersion: \"v1\"`."));
        }
        let timeout = if timeout == Millis::ZERO { DEFAULT_TIMEOUT } else { timeout };
        let interval = take_interval(options);
        let arrival = options.value("arrival");
        let has_arrival = !arrival.is_undefined();
        if has_arrival && !bindings::is_source(&arrival) {
            options.refuse(invalid_option("arrival", " must be a promise or an async iterable."));
        }
        Self {
            wait: Wait::new(called_at, timeout, interval, options.flag("throwOnFailure", true)),
            has_on_update: options.function("onUpdate"),
            has_arrival,
            way,
            cancels,
        }
    }

    /// When the wait ends.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.wait.deadline
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
    let mut bounds = Options::new(&value);
    let (min, max) = (bounds.millis("min"), bounds.millis("max"));
    let interval = Interval::between(min, max).filter(|_| bounds.finish().is_ok());
    if interval.is_none() {
        let expected = " must be a positive number of milliseconds, or { min, max } of such, min not above max.";
        options.refuse(invalid_option("pollIntervalMs", expected));
    }
    interval.unwrap_or_default()
}

/// The status of a parsed execution.
#[must_use]
pub fn status(execution: &JsValue) -> Status {
    plain(execution, "status").as_string().map_or(Status::Other, |status| Status::parse(&status))
}

/// When an execution was created, in milliseconds since 1970, where it says so.
#[must_use]
pub fn created_at(execution: &JsValue) -> Option<f64> {
    let created = plain_text(execution, "createdAt")?;
    Some(bindings::parse_date(&created)).filter(|created| created.is_finite())
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
    let mut failure = Parts::told(code, why(code, execution));
    failure.execution = execution.clone();
    failure
}

/// The execution's own message, else its outputs' errors, else a plain sentence.
fn why(code: Code, execution: &JsValue) -> String {
    if let Some(message) = plain_text(execution, "errorMessage") {
        return message;
    }
    let mut message = String::new();
    let outputs = bindings::items(&plain(execution, "outputs"));
    for place in 0..outputs.length() {
        if let Some(error) = plain_text(&outputs.get(place), "error") {
            if !message.is_empty() {
                message.push_str("; ");
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
    pub async fn wait(&self, subject: &JsValue, plan: Plan) -> Result<JsValue, Failure> {
        let id = read_execution_id(subject)?;
        let Plan { mut wait, has_on_update, has_arrival, way, cancels } = plan;
        wait.started_here = self.client.started(&id);
        if has_arrival {
            bindings::expect_arrival(self.call.id, &id);
        }
        let mut cancelling = cancels.then(|| CancelOnDrop { call: self.call.id, execution_id: id.clone() });
        let mut looks = Looks::new(self, id.clone(), way);
        let mut app = AppKey::new(0);
        // What the wait was given counts as seen, but is not news.
        let mut last = if subject.is_object() { subject.clone() } else { JsValue::UNDEFINED };
        let mut shown = false;
        let mut seen = Seen::Nothing;
        let mut failure = None;
        loop {
            let now = runtime::now();
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
                    self.client.budget.borrow_mut().learn(app, now.since(wait.began));
                    return Ok(with_outputs(last));
                }
                Next::Ended(code) => return Err(ended(code, &last)),
                Next::GiveUp | Next::TimedOut => {
                    let time_is_over = now >= wait.deadline;
                    let mut failure = match failure {
                        Some(failure) if !time_is_over => failure,
                        last_failure => {
                            let mut over = wait_timeout(JsValue::UNDEFINED);
                            over.cause =
                                last_failure.map_or(JsValue::UNDEFINED, |failure: Failure| failure.to_js(self.call.id));
                            over
                        }
                    };
                    failure.execution = last;
                    return Err(failure);
                }
            };
            if events::wanted(self.client) && !looks.is_streaming() {
                events::poll(self.call, &id, pause);
            }
            let due = now + pause;
            let request = Request::Poll { due, began: wait.began, app };
            let looked = match self.call.unless_arrived(looks.next(request, due, wait.deadline)).await {
                Ok(looked) => looked,
                Err(arrived) => {
                    looks.abort();
                    Ok(arrived)
                }
            };
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

/// Cancels the execution when a wait ends before it: dropped by an abort, or at the end of the wait's time.
struct CancelOnDrop {
    call: u32,
    execution_id: String,
}

impl CancelOnDrop {
    fn disarm(mut self) {
        self.execution_id.clear();
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if !self.execution_id.is_empty() {
            bindings::cancel_execution(self.call, &self.execution_id);
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
        set(&execution, "outputs", &Array::new());
    }
    execution
}
