//! Reads an options object. A bad value becomes `INVALID_ARGUMENT` with the option's name.

use super::bindings;
use super::failure::{invalid_argument, invalid_option, Failure};
use super::read::{member, whole};
use super::value::Value;
use crate::core::credentials::{is_header_name, is_header_value};
use crate::core::time::Millis;

/// Reads one option after the other and keeps the first problem, which [`Options::finish`] gives: asking once at the end
/// makes a third of the code of asking at each.
#[derive(Debug)]
pub struct Options {
    /// Undefined where options are left out.
    object: Value,
    failure: Option<Failure>,
}

impl Options {
    /// Options are an object, or left out.
    #[must_use]
    pub fn new(object: Value) -> Self {
        let is_absent = object.is_nothing();
        let failure = (!is_absent && !object.is_object()).then(|| invalid_argument("Options must be an object."));
        Self { object: if is_absent { Value::UNDEFINED } else { object }, failure }
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

    /// The option `name` is not good: what it must be, as the end of a sentence.
    #[cold]
    #[inline(never)]
    pub fn refuse_option(&mut self, name: &str, expected: &str) {
        self.refuse(invalid_option(name, expected));
    }

    /// The option itself; undefined where it is left out, null, or cannot be read.
    #[inline(never)]
    pub fn value(&mut self, name: &str) -> Value {
        if self.object.is_undefined() || self.failure.is_some() {
            return Value::UNDEFINED;
        }
        member(self.object, name).unwrap_or_else(|failure| {
            self.refuse(failure);
            Value::UNDEFINED
        })
    }

    /// The number that the option is; NaN where it is left out, or refused because it is not at least `least`.
    fn number(&mut self, name: &str, least: f64, expected: &str) -> f64 {
        let value = self.value(name);
        if value.is_undefined() {
            return f64::NAN;
        }
        let number = value.number();
        if number >= least {
            return number;
        }
        self.refuse_option(name, expected);
        f64::NAN
    }

    /// A span of time; zero where it is left out. Refuses anything but a positive, finite number.
    pub fn millis(&mut self, name: &str) -> Millis {
        let expected = " must be a positive number of milliseconds.";
        let number = self.number(name, f64::MIN_POSITIVE, expected);
        if number == f64::INFINITY {
            self.refuse_option(name, expected);
        }
        Millis::new(number)
    }

    /// A span of time that may be nothing, and may be without end; `default` where it is left out.
    pub fn limit(&mut self, name: &str, default: Millis) -> Millis {
        let number = self.number(name, 0.0, " must be a number of milliseconds, 0 or more.");
        if number.is_nan() {
            default
        } else {
            Millis::new(number)
        }
    }

    /// A whole number, `least` (0 or 1) or more; undefined where it is left out.
    pub fn count(&mut self, name: &str, least: u32) -> Value {
        let value = self.value(name);
        if !value.is_undefined() && whole(value).is_none_or(|number| number < least) {
            let expected =
                if least == 0 { " must be a whole number, 0 or more." } else { " must be a whole number, 1 or more." };
            self.refuse_option(name, expected);
            return Value::UNDEFINED;
        }
        value
    }

    /// A string; undefined where it is left out.
    pub fn text(&mut self, name: &str) -> Value {
        let value = self.value(name);
        if !value.is_undefined() && !value.is_string() {
            self.refuse_option(name, " must be a string.");
            return Value::UNDEFINED;
        }
        value
    }

    /// A string that is not empty; undefined where it is, or is left out.
    pub fn filled(&mut self, name: &str) -> Value {
        let value = self.text(name);
        if self.object.has_text(name) {
            value
        } else {
            Value::UNDEFINED
        }
    }

    /// True or false.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        let value = self.value(name);
        if value.is_undefined() {
            return default;
        }
        value.as_bool().unwrap_or_else(|| {
            self.refuse_option(name, " must be true or false.");
            default
        })
    }

    /// Whether there is a function.
    pub fn function(&mut self, name: &str) -> bool {
        let value = self.value(name);
        if !value.is_undefined() && !value.is_function() {
            self.refuse_option(name, " must be a function.");
        }
        !value.is_undefined()
    }

    /// Which of `choices` the option is; none where it is left out, or refused.
    pub fn choice(&mut self, name: &str, choices: &[&str], expected: &str) -> Option<usize> {
        let value = self.text(name);
        let text = value.text()?;
        let found = choices.iter().position(|choice| *choice == text);
        if found.is_none() {
            self.refuse_option(name, expected);
        }
        found
    }

    /// Extra headers, their names in lower case, added to those of `into`. A value that no header may hold is not repeated: it may
    /// be a secret.
    pub fn headers(&mut self, into: Value) -> Value {
        let value = self.value("headers");
        if value.is_undefined() {
            return into;
        }
        let headers = if into.is_undefined() { Value::object(&[]) } else { into };
        let entries = bindings::entries(value);
        let mut good = value.is_object() && !entries.is_undefined();
        for place in (0..entries.count()).step_by(2) {
            let value = entries.item(place.saturating_add(1));
            if !value.is_nothing() {
                let name = entries.item(place).text().filter(|name| is_header_name(name));
                let is_good = value.text().is_some_and(|value| is_header_value(&value));
                match name {
                    Some(mut name) if is_good => {
                        name.make_ascii_lowercase();
                        headers.set(&name, value);
                    }
                    _ => good = false,
                }
            }
        }
        if !good {
            self.refuse_option("headers", " must be an object of header names and string values.");
        }
        headers
    }
}
