//! Checks inputs against an app before they are sent.

use crate::api::routes::ApiVersion;
use crate::core::error::Code;
use crate::core::text::join;
use crate::core::validate::{validate, InputError, InputValue, Kind, Parameter, Report, Strictness};
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure, Parts};
use crate::host::read::plain;
use crate::host::write;
use js_sys::{Array, JsString};
use wasm_bindgen::{JsCast, JsValue};

/// What `validateInputs` resolves to.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where the app is no app or the inputs are no object.
pub fn report(app: &JsValue, inputs: &JsValue, version: ApiVersion) -> Result<JsValue, Failure> {
    let report = check(app, inputs, version)?;
    Ok(write::object(&[
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
pub fn refuse_bad(app: &JsValue, inputs: &JsValue, version: ApiVersion) -> Result<(), Failure> {
    let report = check(app, inputs, version)?;
    let Some(first) = report.errors.first() else { return Ok(()) };
    let mut failure = Parts::told(Code::InvalidInputs, join(&["Invalid inputs: ", &first.message]));
    failure.details = to_js(&report.errors);
    Err(failure)
}

fn to_js(errors: &[InputError]) -> JsValue {
    write::list(errors, |error| {
        write::object(&[
            ("parameter", write::text(Some(&error.parameter))),
            ("code", error.code.as_str().into()),
            ("message", write::text(Some(&error.message))),
            ("suggestion", write::text(error.suggestion.as_deref())),
        ])
    })
}

fn check(app: &JsValue, inputs: &JsValue, version: ApiVersion) -> Result<Report, Failure> {
    let parameters = plain(app, "parameters");
    if !bindings::is_list_of(&parameters, "") {
        return Err(invalid_argument("The app must be one that `getApp` gave, with its `parameters`."));
    }
    let parameters = each(&bindings::items(&parameters), |parameter| Some(read_parameter(parameter)));
    let strictness = match version {
        // What leaves a parameter out is legal on both (the API's quick starts do).
        ApiVersion::Api | ApiVersion::V1Executions => Strictness::Api,
        ApiVersion::V1 => Strictness::V1,
    };
    Ok(validate(&parameters, &read_inputs(inputs)?, strictness))
}

/// What `read` makes of each item, where it makes something.
fn each<T>(items: &Array, read: impl Fn(&JsValue) -> Option<T>) -> Vec<T> {
    let mut list = Vec::new();
    for place in 0..items.length() {
        if let Some(item) = read(&items.get(place)) {
            list.push(item);
        }
    }
    list
}

fn read_parameter(parameter: &JsValue) -> Parameter {
    let text = |name| plain(parameter, name).as_string();
    let key = text("key");
    let default = plain(parameter, "default");
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
        options: each(&bindings::items(&plain(parameter, "options")), JsValue::as_string),
        has_default: !default.is_undefined() && !default.is_null(),
        multiple: plain(parameter, "multiple").as_bool().unwrap_or_default(),
    }
}

fn read_inputs(inputs: &JsValue) -> Result<Vec<(String, InputValue)>, Failure> {
    let wrong = || invalid_argument("`inputs` must be an object.");
    if inputs.is_undefined() {
        return Ok(Vec::new());
    }
    if !inputs.is_object() || bindings::is_array(inputs) {
        return Err(wrong());
    }
    let entries = bindings::entries(inputs).ok_or_else(wrong)?;
    let mut given = Vec::new();
    for pair in (0..entries.length()).step_by(2) {
        let value = entries.get(pair.saturating_add(1));
        // JSON leaves out what is undefined.
        if !value.is_undefined() {
            given.push((entries.get(pair).as_string().unwrap_or_default(), read_value(&value, 0)));
        }
    }
    Ok(given)
}

/// Longer texts are neither a label nor a URL that a server takes; their beginning shows that.
const LONGEST_TEXT: u32 = 65_536;

/// Lists in lists are refused whatever they hold.
const DEEPEST: u32 = 2;

fn read_value(value: &JsValue, depth: u32) -> InputValue {
    if let Some(text) = value.dyn_ref::<JsString>() {
        let text = JsValue::from(text.slice(0, LONGEST_TEXT));
        return InputValue::Text(text.as_string().unwrap_or_default());
    }
    if value.is_null() {
        InputValue::Null
    } else if value.as_bool().is_some() {
        InputValue::Boolean
    } else if value.as_f64().is_some() {
        InputValue::Number
    } else if bindings::is_array(value) && depth < DEEPEST {
        InputValue::List(each(&bindings::items(value), |item| Some(read_value(item, depth.saturating_add(1)))))
    } else {
        InputValue::Other
    }
}
