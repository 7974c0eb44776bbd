//! Values of JavaScript: made, and looked at.

use js_sys::{eval, Reflect, JSON};
use serde_json::Value;
use wasm_bindgen::JsValue;

/// What `expression` gives.
pub fn js(expression: &str) -> JsValue {
    eval(&["(", expression, ")"].concat()).unwrap_or_else(|thrown| panic!("{expression}: {thrown:?}"))
}

/// `value`, as `JSON.parse` makes it.
pub fn parsed(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).unwrap()
}

/// `value` as JSON, to be compared whatever the order of members. Null stands for what JSON leaves out.
pub fn json(value: &JsValue) -> Value {
    let text = JSON::stringify(value).unwrap().as_string();
    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

/// A member.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

/// A member that is a string.
pub fn text(object: &JsValue, name: &str) -> String {
    get(object, name).as_string().unwrap_or_else(|| panic!("no string `{name}` in {object:?}"))
}
