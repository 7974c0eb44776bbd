//! A host whose time, chance, environment and server are scripted, and a client on it.

use super::held::{self, hold_for};
use super::js::{get, js, json, parsed};
use js_sys::Object;
use lamina_wasm::client::operations::Operation;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// The key of every client here.
pub const KEY: &str = "lma_test_5f1c2d7e9a";

#[wasm_bindgen(module = "/target/wasm-tests/hosts.js")]
extern "C" {
    #[derive(Clone)]
    pub type ScriptedHost;
    #[wasm_bindgen(constructor)]
    fn new() -> ScriptedHost;
    #[wasm_bindgen(method)]
    fn install(this: &ScriptedHost);
    #[wasm_bindgen(method)]
    fn begin(this: &ScriptedHost, call: u32, client: u32);
    #[wasm_bindgen(method, getter)]
    pub fn time(this: &ScriptedHost) -> f64;
    #[wasm_bindgen(method, setter)]
    pub fn set_time(this: &ScriptedHost, time: f64);
    #[wasm_bindgen(method, setter)]
    pub fn set_page(this: &ScriptedHost, page: bool);
    #[wasm_bindgen(method, setter)]
    pub fn set_environment(this: &ScriptedHost, environment: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_contexts(this: &ScriptedHost, contexts: bool);
    #[wasm_bindgen(method, getter, js_name = armedFor)]
    fn first_timer(this: &ScriptedHost) -> f64;
    #[wasm_bindgen(method, getter, js_name = timersSet)]
    pub fn timers_set(this: &ScriptedHost) -> u32;
    #[wasm_bindgen(method, getter, js_name = sentCount)]
    pub fn sent_count(this: &ScriptedHost) -> u32;
    #[wasm_bindgen(method)]
    fn disarm(this: &ScriptedHost, owner: f64);
    #[wasm_bindgen(method, js_name = takeDue)]
    fn take_due(this: &ScriptedHost, end: f64) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = settledTwice)]
    fn settled_twice(this: &ScriptedHost) -> u32;
    #[wasm_bindgen(method)]
    fn outcome(this: &ScriptedHost, call: u32) -> JsValue;

    #[wasm_bindgen(js_name = operationNames)]
    pub fn operation_names() -> JsValue;
    #[wasm_bindgen(js_name = errorCodes)]
    pub fn error_codes() -> JsValue;
    #[wasm_bindgen(js_name = isLaminaError)]
    pub fn is_lamina_error(value: &JsValue) -> bool;
}

impl ScriptedHost {
    /// A fresh host in the place of the one before.
    pub fn installed() -> Self {
        let host = Self::new();
        host.install();
        host
    }

    /// What was recorded under `name`.
    pub fn record(&self, name: &str) -> Value {
        json(&get(self, name))
    }

    /// Every request, in order.
    pub fn sent(&self) -> Vec<Value> {
        self.record("sent").as_array().unwrap().clone()
    }

    /// When the first of the timers goes off, if any is set.
    pub fn armed_for(&self) -> Option<f64> {
        Some(self.first_timer()).filter(|at| at.is_finite())
    }

    /// The time goes on by `span`, and each timer goes off when it is due.
    pub fn pass(&self, span: f64) {
        let end = self.time() + span;
        while let Some(owner) = self.take_due(end) {
            if owner < 0.0 {
                lamina_wasm::tick_client((-1.0 - owner) as u32);
            } else {
                lamina_wasm::tick(owner as u32);
            }
        }
        self.set_time(end);
    }

    /// The timer of `call` goes off, whatever the clock shows.
    pub fn fire(&self, call: u32) {
        self.disarm(call.into());
        lamina_wasm::tick(call);
    }

    /// Drops `call` as an abort does: its promise is settled and its timer is gone before.
    pub fn cancel(&self, call: u32) {
        self.disarm(call.into());
        lamina_wasm::cancel(call);
    }

    /// Whether the promise of `call` is not settled.
    pub fn is_pending(&self, call: u32) -> bool {
        self.outcome(call).is_undefined()
    }

    fn settled(&self, call: u32, how: &str) -> JsValue {
        let outcome = self.outcome(call);
        assert!(!outcome.is_undefined(), "call {call} is pending");
        let value = get(&outcome, "value");
        assert_eq!(get(&outcome, "how"), how, "{value:?}");
        value
    }

    /// What the promise of `call` was fulfilled with.
    pub fn resolved(&self, call: u32) -> JsValue {
        self.settled(call, "resolved")
    }

    /// The `LaminaError` that the promise of `call` was rejected with.
    pub fn rejected(&self, call: u32) -> JsValue {
        let error = self.settled(call, "rejected");
        assert!(is_lamina_error(&error), "{error:?}");
        error
    }
}

thread_local! {
    static NUMBERS: Cell<u32> = const { Cell::new(0) };
}

/// A number for a call or a client, never the same twice: no test meets what another one left.
pub fn next_number() -> u32 {
    NUMBERS.with(|numbers| numbers.replace(numbers.get() + 1))
}

/// A client on a host of its own. What it leaves is checked when it goes.
pub struct Lamina {
    pub host: ScriptedHost,
    client: u32,
    calls: RefCell<Vec<u32>>,
}

impl Lamina {
    /// With the members that `options` is written with, `maxRetries: 0` for one. Its budget is without end.
    pub fn new(options: &str) -> Self {
        let host = ScriptedHost::installed();
        let client = next_number();
        let options = js(&format!("{{ apiKey: '{KEY}', requestsPerMinute: Infinity, {options} }}"));
        lamina_wasm::open(client, held::open(client, &options));
        held::run_none();
        Self { host, client, calls: RefCell::default() }
    }

    /// Starts a call; gives its number.
    pub fn start(&self, operation: Operation, subject: &JsValue, inputs: &JsValue, options: &JsValue) -> u32 {
        let call = next_number();
        self.calls.borrow_mut().push(call);
        self.start_as(call, operation, subject, inputs, options, 0.0);
        call
    }

    /// Starts a call under this number; it was asked for `elapsed` milliseconds ago.
    pub fn start_as(
        &self,
        call: u32,
        operation: Operation,
        subject: &JsValue,
        inputs: &JsValue,
        options: &JsValue,
        elapsed: f64,
    ) {
        self.host.begin(call, self.client);
        let [subject, inputs, options] = [subject, inputs, options].map(|value| hold_for(call, value));
        lamina_wasm::start(call, self.client, operation as u8, subject, inputs, options, self.host.time() - elapsed);
    }

    /// `getExecution("e1", options)`; an operation that is one request and no more.
    pub fn look(&self, options: &str) -> u32 {
        self.start(Operation::GetExecution, &"e1".into(), &JsValue::UNDEFINED, &js(options))
    }

    /// `waitForExecution("e1", options)`
    pub fn wait(&self, options: &str) -> u32 {
        self.start(Operation::Wait, &"e1".into(), &JsValue::UNDEFINED, &js(options))
    }

    /// The server answers the attempt of `call`.
    pub fn reply(&self, call: u32, reply: &Value) {
        held::answer(call, &parsed(reply));
    }

    /// Nobody holds the client any more.
    pub fn close(&self) {
        lamina_wasm::close(self.client);
    }

    /// Drops `call`, as an abort does.
    pub fn cancel(&self, call: u32) {
        self.host.cancel(call);
    }
}

impl Drop for Lamina {
    fn drop(&mut self) {
        self.calls.borrow().iter().for_each(|call| self.cancel(*call));
        self.close();
        assert_eq!(self.host.armed_for(), None, "a timer stays behind");
        assert_eq!(self.host.settled_twice(), 0);
    }
}

/// Whether these are one and the same value.
pub fn same(a: &JsValue, b: &JsValue) -> bool {
    Object::is(a, b)
}
