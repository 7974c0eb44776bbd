//! Checks inputs against an app before they are sent.

use crate::api::routes::ApiVersion;
use crate::core::error::Code;
use crate::core::validate::{validate, InputError, InputValue, Kind, Parameter, Report, Strictness};
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure, Parts};
use crate::host::value::Value;

/// What `validateInputs` resolves to.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where the app is no app or the inputs are no object.
pub fn report(app: Value, inputs: Value, version: ApiVersion) -> Result<Value, Failure> {
    let report = check(app, inputs, version)?;
    Ok(Value::object(&[
        ("valid", report.errors.is_empty().into()),
        ("errors", to_js(&report.errors)),
        ("warnings", to_js(&report.warnings)),
    ]))
}

/// Lets good inputs pass.
///
/// # Errors
///
/// `INVALID_INPUTS`, with the list in `details`.
pub fn refuse_bad(app: Value, inputs: Value, version: ApiVersion) -> Result<(), Failure> {
    let report = check(app, inputs, version)?;
    let Some(first) = report.errors.first() else { return Ok(()) };
    let mut failure = Parts::told(Code::InvalidInputs, &["Invalid inputs: ", &first.message]);
    failure.details = to_js(&report.errors);
    Err(failure)
}

fn to_js(errors: &[InputError]) -> Value {
    let list = Value::list();
    for error in errors {
        list.push(Value::object(&[
            ("parameter", error.parameter.as_str().into()),
            ("code", error.code.as_str().into()),
            ("message", error.message.as_str().into()),
            ("suggestion", error.suggestion.as_deref().map_or(Value::UNDEFINED, Value::from)),
        ]));
    }
    list
}

fn check(app: Value, inputs: Value, version: ApiVersion) -> Result<Report, Failure> {
    let parameters = app.get("parameters");
    if !bindings::is_list_of(parameters, "") {
        return Err(invalid_argument("The app must be one that `getApp` gave, with its `parameters`."));
    }
    let parameters = each(parameters, |parameter| Some(read_parameter(parameter)));
    let strictness = match version {
        // What leaves a parameter out is legal on both (the API's quick starts do).
        ApiVersion::Api | ApiVersion::V1Executions => Strictness::Api,
        ApiVersion::V1 => Strictness::V1,
    };
    Ok(validate(&parameters, &read_inputs(inputs)?, strictness))
}

/// What `read` makes of each item, where it makes something.
fn each<T>(items: Value, read: impl Fn(Value) -> Option<T>) -> Vec<T> {
    let mut list = Vec::new();
    for item in items.items() {
        if let Some(item) = read(item) {
            list.push(item);
        }
    }
    list
}

fn read_parameter(parameter: Value) -> Parameter {
    let text = |name| parameter.get(name).text();
    let key = text("key");
    let default = parameter.get("default");
    Parameter {
        // Later versions sketch parameters by `key` alone.
        name: text("name").or_else(|| key.clone()).unwrap_or_default(),
        key,
        id: text("id"),
        kind: match text("type").as_deref() {
            Some("text") => Kind::Text,
            Some("options") => Kind::Options,
            Some("url") => Kind::Url,
            _ => Kind::Unknown,
        },
        options: each(parameter.get("options"), Value::text),
        has_default: !default.is_undefined(),
        multiple: parameter.get("multiple").as_bool().unwrap_or_default(),
    }
}

fn read_inputs(inputs: Value) -> Result<Vec<(String, InputValue)>, Failure> {
    let wrong = || invalid_argument("`inputs` must be an object.");
    if inputs.is_undefined() {
        return Ok(Vec::new());
    }
    if !inputs.is_object() || inputs.is_array() {
        return Err(wrong());
    }
    let entries = bindings::entries(inputs);
    if entries.is_undefined() {
        return Err(wrong());
    }
    let mut given = Vec::new();
    for pair in (0..entries.count()).step_by(2) {
        let value = entries.item(pair.saturating_add(1));
        // JSON leaves out what is undefined.
        if !value.is_undefined() {
            given.push((entries.item(pair).text().unwrap_or_default(), read_value(value, 0)));
        }
    }
    Ok(given)
}

/// Lists in lists are refused whatever they hold.
const DEEPEST: u32 = 2;

fn read_value(value: Value, depth: u32) -> InputValue {
    if let Some(text) = value.text() {
        return InputValue::Text(text);
    }
    if value.is_null() {
        InputValue::Null
    } else if value.as_bool().is_some() {
        InputValue::Boolean
    } else if value.as_f64().is_some() {
        InputValue::Number
    } else if value.is_array() && depth < DEEPEST {
        InputValue::List(each(value, |item| Some(read_value(item, depth.saturating_add(1)))))
    } else {
        InputValue::Other
    }
}
