//! What `onEvent` is told. Never the key, and no query: a webhook's URL may hold a secret.

use super::runtime::Call;
use super::Client;
use crate::core::text::split;
use crate::core::time::Millis;
use crate::host::bindings;
use crate::host::write::{object, set};
use wasm_bindgen::JsValue;

/// Whether anybody listens.
pub fn wanted(client: &Client) -> bool {
    client.config.as_ref().is_ok_and(|config| config.on_event)
}

fn emit(call: &Call, kind: &str, members: &[(&str, JsValue)]) {
    let event = object(members);
    set(&event, "type", &kind.into());
    bindings::emit(call.id, &event);
}

/// An attempt goes out.
pub fn request(call: &Call, method: &str, url: &str, attempt: u32) {
    let (url, _) = split(url, b"?");
    emit(call, "request", &[("method", method.into()), ("url", url.into()), ("attempt", attempt.into())]);
}

/// An attempt was answered.
pub fn response(call: &Call, status: u16, attempt: u32, duration: Millis) {
    let duration = duration.get().into();
    emit(call, "response", &[("status", status.into()), ("attempt", attempt.into()), ("durationMs", duration)]);
}

/// Another attempt follows after a pause.
pub fn retry(call: &Call, code: &str, attempt: u32, pause: Millis) {
    emit(call, "retry", &[("code", code.into()), ("attempt", attempt.into()), ("delayMs", pause.get().into())]);
}

/// A wait looks at its execution after a pause.
pub fn poll(call: &Call, execution_id: &str, pause: Millis) {
    emit(call, "poll", &[("executionId", execution_id.into()), ("delayMs", pause.get().into())]);
}

/// The budget holds a request back.
pub fn throttle(call: &Call, pause: Millis) {
    emit(call, "throttle", &[("delayMs", pause.get().into())]);
}
