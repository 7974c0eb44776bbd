//! What the JavaScript shell lends to the core.
//!
//! The shell keeps two promises. None of these functions ever throws: an exception that crosses Rust frames leaves
//! them as they were, with every borrow still held. And none of them comes back into the module before it returns:
//! what user code (a custom `fetch`, a callback) asks for meanwhile waits its turn in the shell.

use js_sys::Array;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(js_namespace = laminaHost)]
extern "C" {
    /// The host's steady clock, in milliseconds since some origin.
    pub fn now() -> f64;
    /// The wall clock, in milliseconds since 1970.
    pub fn wall() -> f64;
    /// A random number in [0, 1).
    pub fn random() -> f64;
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

    /// Starts one HTTP attempt of `call`; its end comes by the `resume` export.
    pub fn send(call: u32, method: &str, url: &str, headers: &JsValue, body: &JsValue, streams: bool);
    /// Aborts the attempt of `call` that is in flight, because its time ran out; nothing of it comes any more.
    #[wasm_bindgen(js_name = abortAttempt)]
    pub fn abort_attempt(call: u32);
    /// Asks the user's function for the key; the answer comes by the `resume` export.
    #[wasm_bindgen(js_name = askKey)]
    pub fn ask_key(call: u32);
    /// Fulfils the promise of `call`.
    pub fn resolve(call: u32, value: &JsValue);
    /// Rejects the promise of `call`.
    pub fn reject(call: u32, error: &JsValue);
    /// Shows an execution that changed to the user's `onUpdate`. What that throws rejects the promise and cancels the call.
    pub fn update(call: u32, execution: &JsValue);
    /// Shows an event to the user's `onEvent`.
    pub fn emit(call: u32, event: &JsValue);

    /// A member of an object; undefined where there is none, or where reading it throws (see [`thrown`]).
    pub fn get(object: &JsValue, name: &str) -> JsValue;
    /// Whether a member is a string, and not empty.
    #[wasm_bindgen(js_name = hasText)]
    pub fn has_text(object: &JsValue, name: &str) -> bool;
    /// What the last `get` met that threw, as the member `cause` of an object; undefined where none did since it was asked.
    pub fn thrown() -> JsValue;
    /// Sets a member of an object of our own.
    pub fn set(object: &JsValue, name: &str, value: &JsValue);
    /// A new plain object.
    #[wasm_bindgen(js_name = newObject)]
    pub fn new_object() -> JsValue;

    /// A new `LaminaError` of `call`, whose key is cut out of the message.
    pub fn error(call: u32, code: &str, message: &str, retryable: bool, attempts: u32, cause: &JsValue) -> JsValue;
    /// An environment variable, where there is an environment and it may be read.
    pub fn env(name: &str) -> JsValue;
    /// Whether this is a page: a `window` with a `document`.
    #[wasm_bindgen(js_name = inPage)]
    pub fn in_page() -> bool;
    /// Takes an absolute URL (a string or a `URL`) apart: protocol, hostname, origin, pathname, and a fifth item that is
    /// not empty where there is a user, a password, a query or a fragment. Empty where it is no absolute URL.
    #[wasm_bindgen(js_name = parseUrl)]
    pub fn parse_url(url: &JsValue) -> Array;
    /// Names and values in turn of an object's own members, or of an iterable of pairs; `None` where reading it throws.
    pub fn entries(object: &JsValue) -> Option<Array>;
    /// The items of an array; empty where reading it throws.
    pub fn items(array: &JsValue) -> Array;
    /// The request body `{ inputs, outputs? }` as JSON; or, where the inputs cannot be sent, an object with the reason.
    #[wasm_bindgen(js_name = encodeBody)]
    pub fn encode_body(inputs: &JsValue, outputs: &JsValue) -> JsValue;
    /// An ISO 8601 date-time as milliseconds since 1970, which every host reads alike (ECMA-262); NaN where it is none.
    #[wasm_bindgen(js_name = parseDate)]
    pub fn parse_date(text: &str) -> f64;
    /// Asks for the next bytes of `call`'s stream: the answer is a `Uint8Array`, or undefined at its end.
    #[wasm_bindgen(js_name = readMore)]
    pub fn read_more(call: u32);
    /// Cancels an execution, by a call of its own, for `call`'s client.
    #[wasm_bindgen(js_name = cancelExecution)]
    pub fn cancel_execution(call: u32, execution_id: &str);
    /// What JSON these bytes hold; undefined where it is none.
    #[wasm_bindgen(js_name = parseBytes)]
    pub fn parse_bytes(bytes: &[u8]) -> JsValue;
    /// A number, or what a `Date` is as one; else NaN.
    pub fn number(value: &JsValue) -> f64;
    /// A `Date` as ISO 8601; undefined for anything else.
    #[wasm_bindgen(js_name = isoDate)]
    pub fn iso_date(date: &JsValue) -> JsValue;
    /// Whether executions can arrive by it: a promise, or an async iterable.
    #[wasm_bindgen(js_name = isSource)]
    pub fn is_source(value: &JsValue) -> bool;
    /// Listens to `call`'s `arrival`, and hands what is about this execution to the `arrived` export.
    #[wasm_bindgen(js_name = expectArrival)]
    pub fn expect_arrival(call: u32, execution_id: &str);
    /// Verifies a webhook; the answer is its event. Whatever is wrong, the host rejects the call with.
    #[wasm_bindgen(js_name = verifyWebhook)]
    pub fn verify_webhook(call: u32, delivery: &JsValue, options: &JsValue);
    /// Whether two replies differ, as JSON.
    pub fn differs(a: &JsValue, b: &JsValue) -> bool;
    /// Whether `value` is an array.
    #[wasm_bindgen(js_name = isArray)]
    pub fn is_array(value: &JsValue) -> bool;
    /// Whether `list` is an array of objects, each with a non-empty string as its member `name`
    /// (or, where `name` is empty, any objects).
    #[wasm_bindgen(js_name = isListOf)]
    pub fn is_list_of(list: &JsValue, name: &str) -> bool;
    /// The message of whatever was thrown, at most 300 characters.
    #[wasm_bindgen(js_name = messageOf)]
    pub fn message_of(thrown: &JsValue) -> JsValue;
}
