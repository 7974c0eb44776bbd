//! Values of JavaScript under the numbers by which the core knows them: in the list of the call that runs; before the first one
//! runs, in a list that no call has.

use lamina_wasm::host::failure::Parts;
use lamina_wasm::host::value::Value;
use wasm_bindgen::prelude::*;

/// What the scripted host has beside the shell's functions.
#[wasm_bindgen(js_namespace = laminaHost)]
extern "C" {
    fn hold(value: &JsValue) -> u32;
    /// The number of a value among those of a call.
    #[wasm_bindgen(js_name = holdFor)]
    pub fn hold_for(call: u32, value: &JsValue) -> u32;
    /// The value with this number.
    #[wasm_bindgen(js_name = at)]
    pub fn value_of(value: Value) -> JsValue;
    /// How many values are held for a call.
    #[wasm_bindgen(js_name = countFor)]
    pub fn count_for(call: u32) -> u32;
    /// From here on no call runs.
    #[wasm_bindgen(js_name = runNone)]
    pub fn run_none();
    /// The same, with what this client keeps.
    #[wasm_bindgen(js_name = runNoneOf)]
    pub fn run_none_of(client: u32);
    /// The number of a client's options among what it keeps, which is in use from here on.
    pub fn open(client: u32, options: &JsValue) -> u32;
}

/// The number of a value.
pub fn held(value: &JsValue) -> Value {
    Value::new(hold(value))
}

/// The error that a failure becomes.
pub fn shown(failure: &Parts) -> JsValue {
    value_of(failure.to_js())
}

/// What `call` asked for came.
pub fn answer(call: u32, value: &JsValue) {
    lamina_wasm::answer(call, hold_for(call, value), false);
}

/// What `call` asked for failed.
pub fn fail(call: u32, thrown: &JsValue) {
    lamina_wasm::answer(call, hold_for(call, thrown), true);
}
