//! What each operation does: its arguments and options, as the requests and checks that follow.

use super::operations::{Asked, Operation};
use super::options::Config;
use super::route::Route;
use crate::api::routes::{ApiVersion, Ask, Subject};
use crate::core::error::Code;
use crate::core::retry::Effect;
use crate::host::bindings;
use crate::host::failure::{Failure, Parts};
use crate::host::options::Options;
use crate::host::read;
use crate::host::value::Value;

/// What an operation does, in this order; each step may be left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps {
    /// Fetch this app, unless it is remembered, or take this one.
    pub app_id: Value,
    /// An app that the user gave.
    pub app: Value,
    /// Check the inputs against the app; then send this, with its body.
    pub request: Option<(Route, Value)>,
}

impl Steps {
    /// Reads the arguments and options of an operation.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for an argument that cannot be; `UNSUPPORTED` for what this version of the API lacks.
    pub fn plan(asked: &Asked, options: &mut Options, config: &Config) -> Result<Self, Failure> {
        let (subject, version) = (asked.subject, config.version);
        let mut steps = Self::default();
        let Some(endpoint) = asked.operation.and_then(Operation::endpoint) else {
            // A wait sends by itself.
            if asked.operation == Some(Operation::ValidateInputs) {
                if subject.is_object() {
                    steps.app = subject;
                } else {
                    steps.app_id = read::id(subject, "app")?;
                }
            }
            return Ok(steps);
        };
        let (id, name) = match endpoint.subject {
            Subject::Execution => (id_of_execution(subject)?, "executionId"),
            _ => (subject, "appId"),
        };
        let mut route = Route::to(endpoint, config, id);
        if route.url.is_undefined() {
            return Err(read::no_id(name));
        }
        if let Some(name) = endpoint.newest.filter(|_| version != ApiVersion::V1) {
            return Err(Parts::told(Code::Unsupported, &["`", name, "` needs `apiVersion: \"v1\"`."]));
        }
        for (name, ask) in endpoint.query {
            let value = match ask {
                Ask::Text => options.text(name),
                Ask::Filled => options.filled(name),
                Ask::Count(least) => options.count(name, *least),
                Ask::Time => read_time(options, name),
                Ask::Url => read_url(options, name),
            };
            route.ask(name, value);
        }
        let mut body = Value::UNDEFINED;
        if endpoint.effect == Effect::Start {
            body = bindings::encode_body(asked.inputs, read_outputs(options, version));
            if !body.is_string() {
                return Err(Parts::with(Code::InvalidArgument, body.get("reason")).because(body.get("cause")));
            }
            let validate = options.value("validate");
            if validate.is_object() {
                steps.app = validate;
            } else if options.flag("validate", false) {
                steps.app_id = id;
            }
        }
        steps.request = Some((route, body));
        Ok(steps)
    }
}

/// The id of an execution that is given as its id or as itself.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where there is none.
pub fn read_execution_id(execution: Value) -> Result<Value, Failure> {
    read::id(id_of_execution(execution)?, "executionId")
}

/// What stands in the place of the id.
fn id_of_execution(execution: Value) -> Result<Value, Failure> {
    if !execution.is_object() {
        return Ok(execution);
    }
    let id = read::member(execution, "executionId")?;
    Ok(if id.is_undefined() { read::member(execution, "runId")? } else { id })
}

/// A `Date` as its ISO text; one that is none is refused like whatever else is no text.
fn read_time(options: &mut Options, name: &str) -> Value {
    let iso = bindings::iso_date(options.value(name));
    if iso.is_undefined() {
        options.text(name)
    } else {
        iso
    }
}

/// The labels of the outputs that are wanted.
fn read_outputs(options: &mut Options, version: ApiVersion) -> Value {
    let outputs = options.value("outputs");
    if outputs.is_undefined() {
        return outputs;
    }
    if version != ApiVersion::V1 {
        options.refuse(Parts::new(Code::Unsupported, "`outputs` needs `apiVersion: \"v1\"`."));
        return outputs;
    }
    // No further than to the first that is none: a list can be longer than anybody can wait for.
    let is_list = outputs.count() > 0;
    if !is_list || !outputs.items().all(|label| label.text().is_some_and(|label| !label.is_empty())) {
        options.refuse_option("outputs", " must be a list of output labels.");
    }
    outputs
}

fn read_url(options: &mut Options, name: &str) -> Value {
    let value = options.value(name);
    if value.is_undefined() {
        return value;
    }
    // A URL object gives its text as `href`; what the user wrote is sent as it is.
    let text = if value.is_string() { value } else { value.get("href") };
    let is_http = read::url(value).is_some_and(|url| url.protocol == "http:" || url.protocol == "https:");
    if !is_http || !text.is_string() {
        options.refuse_option(name, " must be an absolute http(s) URL.");
        return Value::UNDEFINED;
    }
    text
}
