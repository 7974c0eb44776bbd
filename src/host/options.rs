//! Reads an options object. A bad value becomes `INVALID_ARGUMENT` with the option's name.

use super::bindings;
use super::failure::{invalid_argument, invalid_option, Failure};
use super::read::{member, whole};
use crate::core::credentials::{is_header_name, is_header_value};
use crate::core::time::Millis;
use wasm_bindgen::JsValue;

/// Reads one option after the other and keeps the first problem, which [`Options::finish`] gives: asking once at the end
/// makes a third of the code of asking at each.
#[derive(Debug)]
pub struct Options<'a> {
    /// `None` where options are left out.
    object: Option<&'a JsValue>,
    failure: Option<Failure>,
}

impl<'a> Options<'a> {
    /// Options are an object, or left out.
    #[must_use]
    pub fn new(object: &'a JsValue) -> Self {
        let absent = object.is_undefined() || object.is_null();
        let failure = (!absent && !object.is_object()).then(|| invalid_argument("Options must be an object."));
        Self { object: (!absent).then_some(object), failure }
    }

    /// Whether every option that was read is good.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for the first that is not.
    pub fn finish(self) -> Result<(), Failure> {
        self.failure.map_or(Ok(()), Err)
    }

    /// The option `name` is not good.
    pub fn refuse(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// The option itself; undefined where it is left out, null, or cannot be read.
    pub fn value(&mut self, name: &str) -> JsValue {
        self.given(name).unwrap_or(JsValue::UNDEFINED)
    }

    /// The option itself, where it is given.
    fn given(&mut self, name: &str) -> Option<JsValue> {
        let object = self.object?;
        if self.failure.is_some() {
            return None;
        }
        match member(object, name) {
            Ok(value) => (!value.is_undefined()).then_some(value),
            Err(failure) => {
                self.refuse(failure);
                None
            }
        }
    }

    /// What `convert` makes of the option; none, where it is given, is refused.
    fn converted<T>(&mut self, name: &str, expected: &str, convert: impl FnOnce(&JsValue) -> Option<T>) -> Option<T> {
        let value = self.given(name)?;
        let converted = convert(&value);
        if converted.is_none() {
            self.refuse(invalid_option(name, expected));
        }
        converted
    }

    /// A span of time; zero where it is left out. Refuses anything but a positive, finite number.
    pub fn millis(&mut self, name: &str) -> Millis {
        let number = self.converted(name, " must be a positive number of milliseconds.", |value| {
            value.as_f64().filter(|number| *number > 0.0 && number.is_finite())
        });
        Millis::new(number.unwrap_or_default())
    }

    /// A span of time that may be nothing, and may be without end.
    pub fn limit(&mut self, name: &str, default: Millis) -> Millis {
        let number = self.converted(name, " must be a number of milliseconds, 0 or more.", |value| {
            value.as_f64().filter(|number| *number >= 0.0)
        });
        number.map_or(default, Millis::new)
    }

    /// A whole number, `least` or more.
    pub fn count(&mut self, name: &str, least: u32) -> Option<u32> {
        let expected =
            if least == 0 { " must be a whole number, 0 or more." } else { " must be a whole number, 1 or more." };
        self.converted(name, expected, |value| whole(value).filter(|number| *number >= least))
    }

    /// A string.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.converted(name, " must be a string.", JsValue::as_string)
    }

    /// True or false.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        self.converted(name, " must be true or false.", JsValue::as_bool).unwrap_or(default)
    }

    /// Whether there is a function.
    pub fn function(&mut self, name: &str) -> bool {
        self.converted(name, " must be a function.", |value| value.is_function().then_some(())).is_some()
    }

    /// Extra headers, their names in lower case. A value that no header may hold is not repeated: it may be a secret.
    pub fn headers(&mut self) -> Vec<(String, String)> {
        self.converted("headers", " must be an object of header names and string values.", read_headers)
            .unwrap_or_default()
    }
}

fn read_headers(value: &JsValue) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    let entries = bindings::entries(value).filter(|_| value.is_object())?;
    for pair in (0..entries.length()).step_by(2) {
        let value = entries.get(pair.saturating_add(1));
        if value.is_undefined() || value.is_null() {
            continue;
        }
        let name = entries.get(pair).as_string().filter(|name| is_header_name(name))?;
        let value = value.as_string().filter(|value| is_header_value(value))?;
        headers.push((name.to_ascii_lowercase(), value));
    }
    Some(headers)
}
