//! What the JavaScript shell lends to the core.
//!
//! The shell keeps two promises. None of these functions ever throws: an exception that crosses Rust frames leaves
//! them as they were, with every borrow still held. And none of them comes back into the module before it returns:
//! what user code (a custom `fetch`, a callback) asks for meanwhile waits its turn in the shell.
//!
//! What has no number of a call is about the call that runs.

use super::value::Value;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(js_namespace = laminaHost)]
extern "C" {
    /// What the host's steady clock shows: milliseconds since some origin.
    pub fn now() -> f64;
    /// The wall clock, in milliseconds since 1970.
    pub fn wall() -> f64;
    /// A random number in [0, 1).
    pub fn random() -> f64;
    /// From here on `call` runs, until another does. Gives what the steady clock shows.
    pub fn run(call: u32) -> f64;
    /// Asks for one call of the `tick` export for `call` after `ms`, in place of what was asked for before.
    pub fn arm(call: u32, ms: f64);
    /// The same by the `tickClient` export for `client`; below zero: none.
    #[wasm_bindgen(js_name = armClient)]
    pub fn arm_client(client: u32, ms: f64);
    /// Whether each call lives in a context of its own, where alone its timers and requests work: Cloudflare workerd ties
    /// them to the request that made them.
    pub fn separate() -> bool;
    /// Forgets a call whose context is gone.
    pub fn forget(call: u32);

    /// Starts one HTTP attempt; its end comes by the `answer` export.
    pub fn send(method: &str, url: Value, headers: Value, body: Value, streams: bool);
    /// Aborts the attempt that is in flight, because its time ran out; nothing of it comes any more.
    #[wasm_bindgen(js_name = abortAttempt)]
    pub fn abort_attempt();
    /// Asks the user's function for the key; what it gives comes by the `answer` export.
    #[wasm_bindgen(js_name = askKey)]
    pub fn ask_key();
    /// Fulfils the promise.
    pub fn resolve(value: Value);
    /// Rejects the promise.
    pub fn reject(error: Value);
    /// Shows an execution that changed to the user's `onUpdate`. What that throws rejects the promise and cancels the call.
    pub fn update(execution: Value);
    /// Shows an event to the user's `onEvent`.
    pub fn emit(event: Value);

    /// Whether this is a page: a `window` with a `document`.
    #[wasm_bindgen(js_name = inPage)]
    pub fn in_page() -> bool;
    /// An ISO 8601 date-time as milliseconds since 1970, which every host reads alike (ECMA-262); NaN where it is none.
    #[wasm_bindgen(js_name = parseDate)]
    pub fn parse_date(text: Value) -> f64;
    /// A header of a reply that is an HTTP date, in any of the formats of RFC 9110, as milliseconds since 1970; NaN where it is
    /// none.
    #[wasm_bindgen(js_name = dateIn)]
    pub fn date_in(reply: Value, name: &str) -> f64;
    /// Asks for the next bytes of the call's stream: the answer is a `Uint8Array`, or undefined at its end.
    #[wasm_bindgen(js_name = readMore)]
    pub fn read_more();
    /// Cancels an execution, by a call of its own, for `call`'s client.
    #[wasm_bindgen(js_name = cancelExecution)]
    pub fn cancel_execution(call: u32, execution_id: Value);
    /// A number, or what a `Date` is as one; else NaN.
    #[wasm_bindgen(js_name = time)]
    pub fn time(value: Value) -> f64;
    /// Whether executions can arrive by it: a promise, or an async iterable.
    #[wasm_bindgen(js_name = isSource)]
    pub fn is_source(value: Value) -> bool;
    /// Listens to `source`, and hands what is about this execution to the `arrived` export.
    #[wasm_bindgen(js_name = expectArrival)]
    pub fn expect_arrival(source: Value, execution_id: Value);
    /// Verifies a webhook; the answer is its event. Whatever is wrong, the host rejects the call with.
    #[wasm_bindgen(js_name = verifyWebhook)]
    pub fn verify_webhook(delivery: Value, options: Value);
    /// Whether two replies differ, as JSON.
    pub fn differs(a: Value, b: Value) -> bool;
    /// Whether the member of `object`, or where `member` is empty the object itself, is an array of objects, each with a
    /// non-empty string by this `name` (or, where `name` is empty, any objects).
    #[wasm_bindgen(js_name = hasList)]
    pub fn has_list(object: Value, member: &str, name: &str) -> bool;
    /// Whether it is an id that can stand in a path: a string that is not empty, neither `.` nor `..`, and has no half of a
    /// surrogate pair.
    #[wasm_bindgen(js_name = isId)]
    pub fn is_id(value: Value) -> bool;
    /// The status of a reply, plus [`LIMITED`] where it tells of the server's rate limit.
    pub fn head(reply: Value) -> u16;
    /// The bytes of a `Uint8Array`; `None` for anything else.
    pub fn bytes(value: Value) -> Option<Vec<u8>>;

    #[wasm_bindgen(js_name = data)]
    fn raw_data(reply: Value) -> u32;
    #[wasm_bindgen(js_name = url)]
    fn raw_url(base: Value, path: &str, id: Value) -> u32;
    #[wasm_bindgen(js_name = withoutQuery)]
    fn raw_without_query(url: Value) -> u32;
    #[wasm_bindgen(js_name = ask)]
    fn raw_ask(url: Value, name: &str, value: Value) -> u32;
    #[wasm_bindgen(js_name = error)]
    fn raw_error(code: &str, message: Value, retryable: bool, attempts: u32, cause: Value) -> u32;
    #[wasm_bindgen(js_name = env)]
    fn raw_env(name: &str) -> u32;
    #[wasm_bindgen(js_name = parseUrl)]
    fn raw_parse_url(url: Value) -> u32;
    #[wasm_bindgen(js_name = entries)]
    fn raw_entries(object: Value) -> u32;
    #[wasm_bindgen(js_name = flatParameters)]
    fn raw_flat_parameters(parameters: Value) -> u32;
    #[wasm_bindgen(js_name = flatInputs)]
    fn raw_flat_inputs(inputs: Value) -> u32;
    #[wasm_bindgen(js_name = encodeBody)]
    fn raw_encode_body(inputs: Value, outputs: Value) -> u32;
    #[wasm_bindgen(js_name = parseBytes)]
    fn raw_parse_bytes(bytes: &[u8]) -> u32;
    #[wasm_bindgen(js_name = isoDate)]
    fn raw_iso_date(date: Value) -> u32;
    #[wasm_bindgen(js_name = messageOf)]
    fn raw_message_of(thrown: Value) -> u32;
}

/// In [`head`].
pub const LIMITED: u16 = 1_000;

/// What the body of a reply wraps.
#[must_use]
pub fn data(reply: Value) -> Value {
    Value::new(raw_data(reply))
}

/// A URL: a base, and a path with the encoded id in the place of its `*`; undefined where that is no id (see [`is_id`]).
#[must_use]
pub fn url(base: Value, path: &str, id: Value) -> Value {
    Value::new(raw_url(base, path, id))
}

/// A URL with one more parameter, encoded, in its query.
#[must_use]
pub fn ask(url: Value, name: &str, value: Value) -> Value {
    Value::new(raw_ask(url, name, value))
}

/// A URL without its query.
#[must_use]
pub fn without_query(url: Value) -> Value {
    Value::new(raw_without_query(url))
}

/// A new `LaminaError` of the call, whose key is cut out of the message.
#[must_use]
pub fn error(code: &str, message: Value, retryable: bool, attempts: u32, cause: Value) -> Value {
    Value::new(raw_error(code, message, retryable, attempts, cause))
}

/// An environment variable, where there is an environment and it may be read.
#[must_use]
pub fn env(name: &str) -> Value {
    Value::new(raw_env(name))
}

/// Takes an absolute URL (a string or a `URL`) apart: protocol, hostname, origin, pathname, and a fifth item that is
/// not empty where there is a user, a password, a query or a fragment. Empty where it is no absolute URL.
#[must_use]
pub fn parse_url(url: Value) -> Value {
    Value::new(raw_parse_url(url))
}

/// Names and values in turn of an object's own members, or of an iterable of pairs; undefined where reading it throws.
#[must_use]
pub fn entries(object: Value) -> Value {
    Value::new(raw_entries(object))
}

/// An app's parameters as the text that `core/validate` reads; undefined where they are no list of objects.
#[must_use]
pub fn flat_parameters(parameters: Value) -> Value {
    Value::new(raw_flat_parameters(parameters))
}

/// Inputs as such a text; undefined where they are no object, or where reading them throws.
#[must_use]
pub fn flat_inputs(inputs: Value) -> Value {
    Value::new(raw_flat_inputs(inputs))
}

/// The request body `{ inputs, outputs? }` as JSON; or, where the inputs cannot be sent, an object with the reason.
#[must_use]
pub fn encode_body(inputs: Value, outputs: Value) -> Value {
    Value::new(raw_encode_body(inputs, outputs))
}

/// What JSON these bytes hold; undefined where it is none.
#[must_use]
pub fn parse_bytes(bytes: &[u8]) -> Value {
    Value::new(raw_parse_bytes(bytes))
}

/// A `Date` as ISO 8601; undefined for anything else.
#[must_use]
pub fn iso_date(date: Value) -> Value {
    Value::new(raw_iso_date(date))
}

/// The message of whatever was thrown, at most 300 characters.
#[must_use]
pub fn message_of(thrown: Value) -> Value {
    Value::new(raw_message_of(thrown))
}
