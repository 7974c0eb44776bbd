//! Checks received webhooks. The host reads the bytes, has the keys and verifies (`webhooks.js`); what a delivery must be is
//! decided here.

use super::accept::is_execution;
use super::attempt::timed_out;
use super::call::Call;
use super::operations::Asked;
use super::options::{CallOptions, Limits};
use super::Client;
use crate::core::error::Code;
use crate::core::retry::Effect;
use crate::core::time::Instant;
use crate::core::webhook::{check_head, Refused, DEFAULT_TOLERANCE};
use crate::host::bindings;
use crate::host::failure::{Failure, Parts};
use crate::host::options::Options;
use crate::host::value::Value;
use std::rc::Rc;

/// `verifyWebhook`: lets the host do it, and keeps the time.
///
/// # Errors
///
/// `TIMEOUT`. Whatever else goes wrong, the host rejects the call with.
pub async fn verify(client: &Rc<Client>, call: &Call, asked: &Asked, called_at: Instant) -> Result<Value, Failure> {
    let mut options = Options::new(asked.options);
    let limits = client.config.as_ref().map_or(Limits::DEFAULT, |config| config.limits);
    let limits = CallOptions::take(&mut options, limits, Value::UNDEFINED).limits;
    options.finish()?;
    bindings::verify_webhook(asked.subject, asked.options);
    let event = call.answer(called_at + limits.timeout).await.and_then(Result::ok);
    event.ok_or_else(|| timed_out(Effect::Safe, "`timeoutMs` ran out before the webhook was checked."))
}

/// Checks the head of a delivery, before any key is asked for; gives its timestamp in seconds since 1970.
///
/// # Errors
///
/// `WEBHOOK_MALFORMED`, `WEBHOOK_EXPIRED`; `INVALID_ARGUMENT` for a bad option.
pub fn check(delivery: Value, options: Value) -> Result<Value, Failure> {
    let mut options = Options::new(options);
    let tolerance = options.limit("toleranceMs", DEFAULT_TOLERANCE);
    let now = options.value("now");
    let wall = if now.is_undefined() { bindings::wall() } else { bindings::time(now) };
    if !wall.is_finite() {
        options.refuse_option("now", " must be a number of milliseconds, as Date.now() gives it, or a Date.");
    }
    options.finish()?;
    let part = |name| delivery.get(name).text().unwrap_or_default();
    match check_head(&part("signature"), &part("timestamp"), wall, tolerance) {
        Ok(seconds) => Ok(seconds.into()),
        Err(Refused::Signature) => {
            Err(malformed("`X-Lamina-Webhook-Signature` is missing, or not 128 hexadecimal digits."))
        }
        Err(Refused::Timestamp) => Err(malformed("`X-Lamina-Webhook-Timestamp` is missing, or not a decimal number.")),
        Err(Refused::Expired) => {
            Err(Parts::new(Code::WebhookExpired, "The webhook's timestamp is too old, or in the future."))
        }
    }
}

/// Completes the event of a delivery whose signature is good: it gets its `execution`, out of `body`.
///
/// # Errors
///
/// `WEBHOOK_MALFORMED`.
pub fn event(event: Value, body: Value) -> Result<Value, Failure> {
    let data = body.get("data");
    let execution = if data.is_object() { data } else { body };
    if !is_execution(execution) {
        return Err(malformed("The webhook's body is not an execution with an id and a `status`."));
    }
    let id = execution.get("executionId");
    let request_id = event.get("requestId");
    if request_id.is_undefined() {
        event.set("requestId", id);
    } else if bindings::differs(request_id, id) {
        return Err(malformed("The webhook's `X-Lamina-Webhook-Request-Id` is of another execution."));
    }
    event.set("execution", execution);
    Ok(event)
}

fn malformed(message: &str) -> Failure {
    Parts::new(Code::WebhookMalformed, message)
}
