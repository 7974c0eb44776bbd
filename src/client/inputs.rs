//! Checks inputs against an app before they are sent.

use crate::api::routes::ApiVersion;
use crate::core::error::Code;
use crate::core::validate::{validate, Strictness};
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure, Parts};
use crate::host::value::Value;

/// What `validateInputs` resolves to.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where the app is no app or the inputs are no object.
pub fn report(app: Value, inputs: Value, version: ApiVersion) -> Result<Value, Failure> {
    let no_app = || invalid_argument("The app must be one that `getApp` gave, with its `parameters`.");
    let app = bindings::flat_parameters(app.get("parameters")).text().ok_or_else(no_app)?;
    let no_inputs = || invalid_argument("`inputs` must be an object.");
    let inputs = bindings::flat_inputs(inputs).text().ok_or_else(no_inputs)?;
    let strictness = match version {
        // What leaves a parameter out is legal on both (the API's quick starts do).
        ApiVersion::Api | ApiVersion::V1Executions => Strictness::Api,
        ApiVersion::V1 => Strictness::V1,
    };
    let (errors, warnings) = (Value::list(), Value::list());
    validate(&app, &inputs, strictness, &mut |found| {
        let list = if found.is_error { errors } else { warnings };
        list.push(Value::object(&[
            ("parameter", found.parameter.into()),
            ("code", found.code.as_str().into()),
            ("message", found.message.into()),
            ("suggestion", found.suggestion.map_or(Value::UNDEFINED, Value::from)),
        ]));
    });
    let is_valid = errors.count() == 0;
    Ok(Value::object(&[("valid", is_valid.into()), ("errors", errors), ("warnings", warnings)]))
}

/// Lets good inputs pass.
///
/// # Errors
///
/// `INVALID_INPUTS`, with the list in `details`.
pub fn refuse_bad(app: Value, inputs: Value, version: ApiVersion) -> Result<(), Failure> {
    let errors = report(app, inputs, version)?.get("errors");
    let Some(message) = errors.item(0).get("message").text() else { return Ok(()) };
    let mut failure = Parts::told(Code::InvalidInputs, &["Invalid inputs: ", &message]);
    failure.details = errors;
    Err(failure)
}
