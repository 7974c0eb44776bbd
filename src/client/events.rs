//! What `onEvent` is told. Never the key, and no query: a webhook's URL may hold a secret.

use super::clock;
use crate::core::time::Millis;
use crate::host::bindings;
use crate::host::value::Value;

fn emit(kind: &str, members: &[(&str, Value)]) {
    let event = Value::object(members);
    event.set("type", kind.into());
    bindings::emit(event);
    clock::look();
}

/// An attempt goes out.
pub fn request(method: &str, url: Value, attempt: u32) {
    emit("request", &[("method", method.into()), ("url", bindings::without_query(url)), ("attempt", attempt.into())]);
}

/// An attempt was answered.
pub fn response(status: u16, attempt: u32, duration: Millis) {
    let duration = duration.get().into();
    emit("response", &[("status", u32::from(status).into()), ("attempt", attempt.into()), ("durationMs", duration)]);
}

/// Another attempt follows after a pause.
pub fn retry(code: &str, attempt: u32, pause: Millis) {
    emit("retry", &[("code", code.into()), ("attempt", attempt.into()), ("delayMs", pause.get().into())]);
}

/// A wait looks at its execution after a pause.
pub fn poll(execution_id: Value, pause: Millis) {
    emit("poll", &[("executionId", execution_id), ("delayMs", pause.get().into())]);
}

/// The budget holds a request back.
pub fn throttle(pause: Millis) {
    emit("throttle", &[("delayMs", pause.get().into())]);
}
