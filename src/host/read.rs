//! Reads what users pass in: options, ids, lists. A bad value becomes `INVALID_ARGUMENT` with the option's name.

use super::bindings;
use super::failure::{invalid_argument, Failure, Parts};
use crate::api::routes::is_id;
use crate::core::base_url::UrlParts;
use crate::core::credentials::{is_header_name, is_header_value};
use crate::core::error::Code;
use crate::core::time::Millis;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A member of `object`; undefined where there is no object, or where the member is null.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where a getter throws, with what it threw as the cause.
pub fn member(object: &JsValue, name: &str) -> Result<JsValue, Failure> {
    if object.is_undefined() || object.is_null() {
        return Ok(JsValue::UNDEFINED);
    }
    match Reflect::get(object, &name.into()) {
        Ok(value) if value.is_null() => Ok(JsValue::UNDEFINED),
        Ok(value) => Ok(value),
        Err(thrown) => Err(Parts::caused(Code::InvalidArgument, quoted(name, " could not be read."), thrown)),
    }
}

/// A member of a parsed reply: undefined where there is none.
#[must_use]
pub fn plain(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Options are an object, or left out.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for anything else.
pub fn options(value: &JsValue) -> Result<(), Failure> {
    if value.is_undefined() || value.is_null() || value.is_object() {
        Ok(())
    } else {
        Err(invalid_argument("Options must be an object."))
    }
}

/// `name` in backquotes, and then `rest`.
#[must_use]
pub fn quoted(name: &str, rest: &str) -> String {
    ["`", name, "`", rest].concat()
}

fn read<T>(
    object: &JsValue,
    name: &str,
    expected: &str,
    convert: impl FnOnce(&JsValue) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let value = member(object, name)?;
    if value.is_undefined() {
        return Ok(None);
    }
    match convert(&value) {
        Some(value) => Ok(Some(value)),
        None => Err(invalid_argument(quoted(name, expected))),
    }
}

fn positive(value: &JsValue) -> Option<f64> {
    value.as_f64().filter(|number| *number > 0.0 && number.is_finite())
}

/// A span of time.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for anything but a positive, finite number.
pub fn millis(object: &JsValue, name: &str) -> Result<Option<Millis>, Failure> {
    read(object, name, " must be a positive number of milliseconds.", |value| positive(value).map(Millis::new))
}

/// A span of time that may be nothing, and may be without end.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for anything but a number from 0 on.
pub fn limit(object: &JsValue, name: &str) -> Result<Option<Millis>, Failure> {
    read(object, name, " must be a number of milliseconds, 0 or more.", |value| {
        value.as_f64().filter(|number| *number >= 0.0).map(Millis::new)
    })
}

/// A whole number, `least` or more.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for anything else.
pub fn count(object: &JsValue, name: &str, least: u32) -> Result<Option<u32>, Failure> {
    let expected = if least == 0 { " must be a whole number, 0 or more." } else { " must be a whole number, 1 or more." };
    read(object, name, expected, |value| whole(value).filter(|number| *number >= least))
}

/// A whole number that fits.
#[must_use]
pub fn whole(value: &JsValue) -> Option<u32> {
    let number = value.as_f64()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared right after")]
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

/// A string.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for anything else.
pub fn text(object: &JsValue, name: &str) -> Result<Option<String>, Failure> {
    read(object, name, " must be a string.", JsValue::as_string)
}

/// True or false; false where it is left out.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for anything else.
pub fn flag(object: &JsValue, name: &str) -> Result<Option<bool>, Failure> {
    read(object, name, " must be true or false.", JsValue::as_bool)
}

/// A function.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for anything else.
pub fn function(object: &JsValue, name: &str) -> Result<bool, Failure> {
    let found = read(object, name, " must be a function.", |value| value.is_function().then_some(()))?;
    Ok(found.is_some())
}

/// Extra headers, their names in lower case.
///
/// # Errors
///
/// `INVALID_ARGUMENT` for a name or a value that no header may hold. The value is not repeated: it may be a secret.
pub fn headers(object: &JsValue) -> Result<Vec<(String, String)>, Failure> {
    let value = member(object, "headers")?;
    let mut headers = Vec::new();
    if value.is_undefined() {
        return Ok(headers);
    }
    let wrong = || invalid_argument("`headers` must be an object of header names and string values.");
    if !value.is_object() {
        return Err(wrong());
    }
    let entries = bindings::entries(&value).ok_or_else(wrong)?;
    for pair in (0..entries.length()).step_by(2) {
        let value = entries.get(pair.saturating_add(1));
        if value.is_undefined() || value.is_null() {
            continue;
        }
        match (entries.get(pair).as_string(), value.as_string()) {
            (Some(name), Some(value)) if is_header_name(&name) && is_header_value(&value) => {
                headers.push((name.to_ascii_lowercase(), value));
            }
            _ => return Err(wrong()),
        }
    }
    Ok(headers)
}

/// The id of an app or an execution.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where it is no string, or cannot stand in a path. It is not repeated.
pub fn id(value: &JsValue, name: &str) -> Result<String, Failure> {
    value.as_string().filter(|id| is_id(id)).ok_or_else(|| {
        invalid_argument(quoted(name, " must be a non-empty string, and neither \".\" nor \"..\"."))
    })
}

/// An absolute URL, taken apart by the host.
#[must_use]
pub fn url(value: &JsValue) -> Option<UrlParts> {
    let parts = bindings::parse_url(value);
    let mut parts = parts.iter().map(|part| part.as_string().unwrap_or_default());
    Some(UrlParts {
        protocol: parts.next()?,
        hostname: parts.next()?,
        origin: parts.next()?,
        pathname: parts.next()?,
        has_extras: !parts.next()?.is_empty(),
    })
}
