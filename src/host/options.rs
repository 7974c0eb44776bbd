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
    object: &'a JsValue,
    failure: Option<Failure>,
}

impl<'a> Options<'a> {
    /// Options are an object, or left out.
    #[must_use]
    pub fn new(object: &'a JsValue) -> Self {
        let fits = object.is_undefined() || object.is_null() || object.is_object();
        let failure = (!fits).then(|| invalid_argument("Options must be an object."));
        Self { object, failure }
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
        if self.failure.is_some() {
            return JsValue::UNDEFINED;
        }
        match member(self.object, name) {
            Ok(value) => value,
            Err(failure) => {
                self.refuse(failure);
                JsValue::UNDEFINED
            }
        }
    }

    /// Takes `converted` unless it is none although there is a value.
    fn checked<T>(&mut self, name: &str, value: &JsValue, converted: Option<T>, expected: &str) -> Option<T> {
        if converted.is_none() && !value.is_undefined() {
            self.refuse(invalid_option(name, expected));
        }
        converted
    }

    /// A span of time; zero where it is left out. Refuses anything but a positive, finite number.
    pub fn millis(&mut self, name: &str) -> Millis {
        let value = self.value(name);
        let number = value.as_f64().filter(|number| *number > 0.0 && number.is_finite());
        let number = self.checked(name, &value, number, " must be a positive number of milliseconds.");
        Millis::new(number.unwrap_or_default())
    }

    /// A span of time that may be nothing, and may be without end.
    pub fn limit(&mut self, name: &str, default: Millis) -> Millis {
        let value = self.value(name);
        let number = value.as_f64().filter(|number| *number >= 0.0);
        self.checked(name, &value, number, " must be a number of milliseconds, 0 or more.").map_or(default, Millis::new)
    }

    /// A whole number, `least` or more.
    pub fn count(&mut self, name: &str, least: u32) -> Option<u32> {
        let value = self.value(name);
        let number = whole(&value).filter(|number| *number >= least);
        let expected =
            if least == 0 { " must be a whole number, 0 or more." } else { " must be a whole number, 1 or more." };
        self.checked(name, &value, number, expected)
    }

    /// A string.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let value = self.value(name);
        let text = value.as_string();
        self.checked(name, &value, text, " must be a string.")
    }

    /// True or false.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        let value = self.value(name);
        let flag = value.as_bool();
        self.checked(name, &value, flag, " must be true or false.").unwrap_or(default)
    }

    /// Whether there is a function.
    pub fn function(&mut self, name: &str) -> bool {
        let value = self.value(name);
        let found = value.is_function().then_some(());
        self.checked(name, &value, found, " must be a function.").is_some()
    }

    /// Extra headers, their names in lower case. A value that no header may hold is not repeated: it may be a secret.
    pub fn headers(&mut self) -> Vec<(String, String)> {
        let value = self.value("headers");
        if value.is_undefined() {
            return Vec::new();
        }
        let headers = read_headers(&value);
        self.checked("headers", &value, headers, " must be an object of header names and string values.")
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
