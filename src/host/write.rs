//! Makes the plain objects that users get.
//!
//! Member by member: a general serialiser brings its error texts, and with them the formatting machinery, which is a
//! tenth of the module.

use super::bindings::new_object;
pub use super::bindings::set;
use js_sys::Array;
use wasm_bindgen::JsValue;

/// A plain object. Members that are undefined are left out.
#[must_use]
pub fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = new_object();
    for (name, value) in members {
        if !value.is_undefined() {
            set(&object, name, value);
        }
    }
    object
}

/// A list of what `convert` makes of each item.
#[must_use]
pub fn list<T>(items: &[T], convert: impl Fn(&T) -> JsValue) -> JsValue {
    let list = Array::new();
    for item in items {
        list.push(&convert(item));
    }
    list.into()
}

/// A string, or undefined.
#[must_use]
pub fn text(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::UNDEFINED, JsValue::from_str)
}

/// A number, or undefined.
#[must_use]
pub fn number(number: Option<f64>) -> JsValue {
    number.map_or(JsValue::UNDEFINED, JsValue::from_f64)
}
