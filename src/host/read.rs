//! Reads members, ids and URLs of what users and servers give.

use super::bindings;
use super::failure::{invalid_option, Failure};
use crate::api::routes::is_id;
use crate::core::base_url::UrlParts;
use wasm_bindgen::JsValue;

/// A member of what a user gave; undefined where there is no object, or where the member is null.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where a getter throws, with what it threw as the cause.
pub fn member(object: &JsValue, name: &str) -> Result<JsValue, Failure> {
    if object.is_undefined() || object.is_null() {
        return Ok(JsValue::UNDEFINED);
    }
    let value = bindings::get(object, name);
    if !value.is_undefined() && !value.is_null() {
        return Ok(value);
    }
    let thrown = bindings::thrown();
    if thrown.is_undefined() {
        return Ok(JsValue::UNDEFINED);
    }
    Err(invalid_option(name, " could not be read.").because(bindings::get(&thrown, "cause")))
}

/// A member of a parsed reply; undefined where there is none.
#[must_use]
pub fn plain(object: &JsValue, name: &str) -> JsValue {
    bindings::get(object, name)
}

/// A member of a parsed reply that is a string and not empty.
#[must_use]
pub fn plain_text(object: &JsValue, name: &str) -> Option<String> {
    plain(object, name).as_string().filter(|text| !text.is_empty())
}

/// A whole number that fits.
#[must_use]
pub fn whole(value: &JsValue) -> Option<u32> {
    let number = value.as_f64()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared right after")]
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

/// The id of an app or an execution.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where it is no string, or cannot stand in a path. It is not repeated.
pub fn id(value: &JsValue, name: &str) -> Result<String, Failure> {
    let id = value.as_string().filter(|id| is_id(id));
    id.ok_or_else(|| invalid_option(name, " must be a non-empty string, and neither \".\" nor \"..\"."))
}

/// An absolute URL, taken apart by the host.
#[must_use]
pub fn url(value: &JsValue) -> Option<UrlParts> {
    let parts = bindings::parse_url(value);
    let part = |index| parts.get(index).as_string().unwrap_or_default();
    (parts.length() == 5).then(|| UrlParts {
        protocol: part(0),
        hostname: part(1),
        origin: part(2),
        pathname: part(3),
        has_extras: !part(4).is_empty(),
    })
}
