//! One HTTP attempt: its place in the budget, its key, its time.

use super::events;
use super::options::{check_key, CallOptions, Config, Key};
use super::permit::Permit;
use super::runtime::{self, Call, Event};
use super::Client;
use crate::api::routes::Route;
use crate::core::budget::Request;
use crate::core::error::Code;
use crate::core::retry::{Effect, Outcome};
use crate::core::text::join;
use crate::core::time::{Instant, Millis};
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure, Parts};
use crate::host::reply::Reply;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// After a 429 that does not say for how long, everybody pauses so long: no longer than the call's own back-off may be.
const UNSAID_PAUSE: Millis = Millis::new(250.0);

/// What every step of one call needs.
#[derive(Debug)]
pub struct Context<'a> {
    /// The client, for its budget and memory.
    pub client: &'a Rc<Client>,
    /// Its options, which are good.
    pub config: &'a Config,
    /// The call.
    pub call: &'a Call,
    /// Its options.
    pub options: CallOptions,
    /// How many attempts went out.
    pub attempts: Cell<u32>,
    /// When the last of them did.
    pub sent_at: Cell<Instant>,
}

impl Context<'_> {
    /// Sends one request and waits for its answer, `deadline` at most.
    ///
    /// # Errors
    ///
    /// Everything but a 2xx reply.
    pub async fn attempt(
        &self,
        route: &Route,
        body: &JsValue,
        request: Request,
        deadline: Instant,
    ) -> Result<Reply, Failure> {
        let Some(permit) = Permit::wait(self.client, self.call, request, deadline).await else {
            return Err(timed_out(Effect::Safe, "`timeoutMs` ran out before the rate budget allowed the request."));
        };
        let asked_key = match self.config.key {
            Key::Asked => Some(self.ask_key(deadline).await?),
            Key::Given(_) | Key::AddedByProxy => None,
        };
        let key = asked_key.as_deref().or_else(|| self.config.given_key());
        let headers = self.config.headers(key, &self.options.headers, !body.is_undefined());
        let attempt = self.attempts.get().saturating_add(1);
        self.attempts.set(attempt);
        let listening = events::wanted(self.client);
        let url = join(&[self.config.base.as_str(), &route.path]);
        if listening {
            events::request(self.call, route.method, &url, attempt);
        }
        let began = runtime::now();
        self.sent_at.set(began);
        let until = deadline.min(began + self.options.limits.attempt_timeout);
        bindings::send(self.call.id, route.method, &url, &headers, body, route.streams);
        loop {
            match self.call.next(until).await {
                Event::Reply(reply) => {
                    let wall = bindings::wall();
                    permit.replied(reply.rate_head(wall));
                    let status = reply.status();
                    if listening {
                        events::response(self.call, status, attempt, runtime::now().since(began));
                    }
                    if (200..=299).contains(&status) {
                        return Ok(reply);
                    }
                    let failure = reply.failure(route.effect, wall);
                    if status == 429 {
                        let pause = failure.retry_after.unwrap_or(UNSAID_PAUSE);
                        self.client.budget.borrow_mut().block(runtime::now(), pause);
                        runtime::budget_changed(Rc::clone(self.client));
                    }
                    return Err(failure);
                }
                Event::Failed(thrown) => {
                    permit.replied(None);
                    let told = bindings::message_of(&thrown).as_string().unwrap_or_default();
                    let message = join(&["The request failed: ", &told]);
                    let mut failure = Parts::told(Code::NetworkError, message).because(thrown);
                    failure.outcome = Some(Outcome::Network);
                    failure.retryable = Some(route.effect == Effect::Safe);
                    return Err(failure);
                }
                Event::Due if runtime::now() >= until => {
                    bindings::abort_attempt(self.call.id);
                    permit.replied(None);
                    let of_call = "The call took longer than its `timeoutMs`.";
                    let of_attempt = "The attempt took longer than `attemptTimeoutMs`.";
                    return Err(timed_out(route.effect, if until >= deadline { of_call } else { of_attempt }));
                }
                _ => {}
            }
        }
    }

    async fn ask_key(&self, deadline: Instant) -> Result<String, Failure> {
        bindings::ask_key(self.call.id);
        match self.call.answer(deadline).await {
            Some(Ok(key)) => {
                let key = match key.as_string() {
                    Some(key) => key,
                    None if key.is_undefined() || key.is_null() => String::new(),
                    None => return Err(invalid_argument("`apiKey()` must give a string.")),
                };
                check_key(&key).map(|()| key)
            }
            Some(Err(thrown)) => Err(Parts::new(Code::AuthMissingKey, "`apiKey()` failed.").because(thrown)),
            None => Err(timed_out(Effect::Safe, "`timeoutMs` ran out before `apiKey()` gave a key.")),
        }
    }
}

/// The failure of what took too long.
pub fn timed_out(effect: Effect, message: &'static str) -> Failure {
    let mut failure = match effect {
        Effect::Safe => Parts::new(Code::Timeout, message),
        Effect::Start => Parts::told(
            Code::Timeout,
            join(&[message, " The execution may run all the same, so the request was not repeated."]),
        ),
    };
    failure.outcome = Some(Outcome::TimedOut);
    failure.retryable = Some(effect == Effect::Safe);
    failure
}
