//! One operation: attempts, pauses between them, and the check of what came.

use super::accept::accept;
use super::attempt::{Context, Sending, OF_CALL};
use super::clock;
use super::events;
use crate::core::error::Code;
use crate::core::retry::{back_off, is_retryable};
use crate::core::time::{Instant, Millis};
use crate::host::bindings;
use crate::host::failure::{Failure, Parts};
use crate::host::value::{self, Value};

impl Context<'_> {
    /// Sends a request until it succeeds, may not be repeated, or the time is over.
    ///
    /// # Errors
    ///
    /// The last attempt's failure; `TIMEOUT` at the deadline.
    pub async fn perform(&self, sending: &Sending) -> Result<Value, Failure> {
        let (endpoint, deadline) = (sending.route.endpoint, sending.deadline);
        let mut retries = 0_u32;
        let mut mark = None;
        loop {
            self.refuse_while_blocked(deadline)?;
            let failure = match self.attempt(sending).await {
                Ok(reply) => return accept(reply, endpoint.promise, self.config.version),
                Err(failure) => failure,
            };
            let may = failure.outcome.is_some_and(|outcome| is_retryable(endpoint.effect, outcome));
            let now = clock::now();
            if !may || retries >= self.options.limits.max_retries || now >= deadline {
                return Err(failure);
            }
            let pause = match failure.retry_after {
                Some(asked) if asked > self.config.max_retry_after || now + asked > deadline => return Err(failure),
                Some(asked) => asked,
                None => back_off(retries, bindings::random()),
            };
            retries = retries.saturating_add(1);
            let until = now + pause;
            if until < deadline && self.config.on_event {
                events::retry(failure.code.as_str(), self.call.attempts.get(), pause);
            }
            self.call.sleep(until.min(deadline)).await;
            if until >= deadline || clock::now() >= deadline {
                let timeout = Parts::new(Code::Timeout, OF_CALL);
                let mut timeout = timeout.because(failure.to_js());
                timeout.status = failure.status;
                return Err(timeout);
            }
            // What the attempts after the first leave is given back.
            value::release(*mark.get_or_insert_with(value::mark));
        }
    }

    /// Where the server forbade requests for longer than this call may wait, it is not sent at all.
    fn refuse_while_blocked(&self, deadline: Instant) -> Result<(), Failure> {
        let now = clock::now();
        let blocked = self.client.budget.borrow().blocked_for(now);
        if blocked == Millis::ZERO || blocked <= self.config.max_retry_after && now + blocked <= deadline {
            return Ok(());
        }
        let mut failure =
            Parts::new(Code::RateLimited, "The server asked for a pause that is longer than this call may take.");
        failure.retry_after = Some(blocked);
        Err(failure)
    }
}
