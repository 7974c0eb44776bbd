//! Reads members, ids and URLs of what users and servers give.

use super::bindings;
use super::failure::{invalid_option, Failure};
use super::value::Value;
use crate::core::base_url::UrlParts;

/// A member of what a user gave; undefined where there is no object, or where the member is null.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where a getter throws, with what it threw as the cause.
pub fn member(object: Value, name: &str) -> Result<Value, Failure> {
    object.member(name).map_err(|thrown| invalid_option(name, " could not be read.").because(thrown))
}

/// A member of a parsed reply that is a string and not empty; else undefined.
#[must_use]
pub fn text_of(object: Value, name: &str) -> Value {
    if object.has_text(name) {
        object.get(name)
    } else {
        Value::UNDEFINED
    }
}

/// A whole number that fits.
#[must_use]
pub fn whole(value: Value) -> Option<u32> {
    let number = value.number();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared right after")]
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

/// The id of an app or an execution.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where it is no string, or cannot stand in a path. It is not repeated.
pub fn id(value: Value, name: &str) -> Result<Value, Failure> {
    if bindings::is_id(value) {
        return Ok(value);
    }
    Err(no_id(name))
}

/// The failure of what is no id.
#[cold]
#[inline(never)]
pub fn no_id(name: &str) -> Failure {
    invalid_option(name, " must be a non-empty string, and neither \".\" nor \"..\".")
}

/// An absolute URL, taken apart by the host.
#[must_use]
pub fn url(value: Value) -> Option<UrlParts> {
    let parts = bindings::parse_url(value);
    let part = |index| parts.item(index).text().unwrap_or_default();
    (parts.count() == 5).then(|| UrlParts {
        protocol: part(0),
        hostname: part(1),
        origin: part(2),
        pathname: part(3),
        has_extras: !part(4).is_empty(),
    })
}
