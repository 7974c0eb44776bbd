//! One HTTP attempt: its place in the budget, its key, its time.

use super::call::Call;
use super::clock;
use super::events;
use super::operations::Asked;
use super::options::{check_key, CallOptions, Config, Key};
use super::route::Route;
use super::runtime;
use super::Client;
use crate::core::budget::{Request, Ticket};
use crate::core::error::Code;
use crate::core::retry::{Effect, Outcome};
use crate::core::time::{Instant, Millis};
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure, Parts};
use crate::host::reply::{Head, Reply};
use crate::host::value::Value;
use std::cell::Cell;
use std::rc::Rc;

/// After a 429 that does not say for how long, everybody pauses so long: no longer than the call's own back-off may be.
const UNSAID_PAUSE: Millis = Millis::new(250.0);

/// Why a call that took too long is over.
pub const OF_CALL: &str = "The call took longer than its `timeoutMs`.";

/// What every step of one call needs.
#[derive(Debug)]
pub struct Context<'a> {
    /// The client, for its budget and memory.
    pub client: &'a Rc<Client>,
    /// Its options, which are good.
    pub config: &'a Config,
    /// The call.
    pub call: &'a Call,
    /// What it was asked for.
    pub asked: &'a Asked,
    /// Its options.
    pub options: CallOptions,
    /// When its last attempt went out.
    pub sent_at: Cell<Instant>,
    /// The place in the budget that the call has, or waits for.
    pub ticket: Cell<Option<Ticket>>,
}

/// A request that is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// Where it goes.
    pub route: Route,
    /// Its body, JSON; undefined where it has none.
    pub body: Value,
    /// What it asks the budget for.
    pub request: Request,
    /// When there is no more time for it.
    pub deadline: Instant,
}

impl Context<'_> {
    /// Sends one request and waits for its answer, until its deadline at most.
    ///
    /// # Errors
    ///
    /// Everything but a 2xx reply.
    pub async fn attempt(&self, sending: &Sending) -> Result<Reply, Failure> {
        let Sending { route, body, deadline, .. } = *sending;
        let endpoint = route.endpoint;
        if !self.permitted(sending).await {
            self.give_back(None);
            return Err(timed_out(Effect::Safe, "`timeoutMs` ran out before the rate budget allowed the request."));
        }
        let key = match self.config.key {
            Key::Asked => self.ask_key(deadline).await.inspect_err(|_| self.give_back(None))?,
            Key::Given(key) => key,
            Key::AddedByProxy => Value::UNDEFINED,
        };
        let headers = self.config.headers(key, self.options.headers, !body.is_undefined());
        let attempt = self.call.attempts.get().saturating_add(1);
        let mut is_late = clock::now() >= deadline;
        if self.config.on_event && !is_late {
            events::request(endpoint.method, route.url, attempt);
            is_late = clock::now() >= deadline;
        }
        if is_late {
            self.give_back(None);
            return Err(timed_out(Effect::Safe, OF_CALL));
        }
        self.call.attempts.set(attempt);
        let began = clock::now();
        self.sent_at.set(began);
        let until = deadline.min(began + self.options.limits.attempt_timeout);
        bindings::send(endpoint.method, route.url, headers, body, endpoint.streams);
        match self.call.answer(until).await {
            Some(Ok(reply)) => {
                let reply = Reply(reply);
                let Head { status, rate } = reply.head();
                self.give_back(rate);
                if self.config.on_event {
                    events::response(status, self.call.attempts.get(), clock::now().since(self.sent_at.get()));
                }
                if (200..=299).contains(&status) {
                    return Ok(reply);
                }
                let failure = reply.failure(status, endpoint.effect);
                if status == 429 {
                    let pause = failure.retry_after.unwrap_or(UNSAID_PAUSE);
                    self.client.budget.borrow_mut().block(clock::now(), pause);
                    runtime::budget_changed(self.client);
                }
                Err(failure)
            }
            Some(Err(thrown)) => {
                self.give_back(None);
                let told = bindings::message_of(thrown).text().unwrap_or_default();
                let mut failure = Parts::told(Code::NetworkError, &["The request failed: ", &told]).because(thrown);
                failure.outcome = Some(Outcome::Network);
                failure.retryable = Some(endpoint.effect == Effect::Safe);
                Err(failure)
            }
            None => {
                bindings::abort_attempt();
                self.give_back(None);
                let of_attempt = "The attempt took longer than `attemptTimeoutMs`.";
                Err(timed_out(endpoint.effect, if clock::now() >= deadline { OF_CALL } else { of_attempt }))
            }
        }
    }

    async fn ask_key(&self, deadline: Instant) -> Result<Value, Failure> {
        bindings::ask_key();
        match self.call.answer(deadline).await {
            Some(Ok(key)) => {
                if !key.is_nothing() && !key.is_string() {
                    return Err(invalid_argument("`apiKey()` must give a string."));
                }
                check_key(key)
            }
            Some(Err(thrown)) => Err(Parts::new(Code::AuthMissingKey, "`apiKey()` failed.").because(thrown)),
            None => Err(timed_out(Effect::Safe, "`timeoutMs` ran out before `apiKey()` gave a key.")),
        }
    }
}

/// The failure of what took too long.
pub fn timed_out(effect: Effect, message: &str) -> Failure {
    let unknown = match effect {
        Effect::Safe => "",
        Effect::Start => " The execution may run all the same, so the request was not repeated.",
    };
    let mut failure = Parts::told(Code::Timeout, &[message, unknown]);
    failure.outcome = Some(Outcome::TimedOut);
    failure.retryable = Some(effect == Effect::Safe);
    failure
}
