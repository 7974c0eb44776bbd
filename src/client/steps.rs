//! What each operation does: its arguments and options, as the requests and checks that follow.

use super::accept::Accept;
use super::operations::{Asked, Operation};
use super::options::Config;
use crate::api::routes::{self, ApiVersion, Endpoint, Route};
use crate::core::error::Code;
use crate::core::text::decimal;
use crate::host::bindings;
use crate::host::failure::{Failure, Parts};
use crate::host::options::Options;
use crate::host::read;
use crate::host::value::Value;

/// What an operation does, in this order; each step may be left out.
#[derive(Debug, Default)]
pub struct Steps {
    /// Fetch this app, unless it is remembered, or take this one.
    pub app_id: Option<String>,
    /// An app that the user gave.
    pub app: Value,
    /// Check the inputs against the app; then send this.
    pub request: Option<(Route, Value, Accept)>,
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
        let (endpoint, accept): (&Endpoint, Accept) = match asked.operation {
            Some(Operation::ListApps) => (&routes::LIST_APPS, Accept::Apps),
            Some(Operation::GetApp) => (&routes::GET_APP, Accept::App),
            Some(Operation::GetWorkflow) => (&routes::GET_WORKFLOW, Accept::Workflow),
            Some(Operation::Execute | Operation::Run) => (&routes::EXECUTE, Accept::Execution),
            Some(Operation::GetExecution) => (&routes::GET_EXECUTION, Accept::Execution),
            Some(Operation::GetSigningKeys) => (&routes::SIGNING_KEYS, Accept::Keys),
            Some(Operation::CancelExecution) => (&routes::CANCEL_EXECUTION, Accept::Execution),
            Some(Operation::ListExecutions) => (&routes::LIST_EXECUTIONS, Accept::Executions),
            Some(Operation::EstimateCost) => (&routes::ESTIMATE_COST, Accept::Estimate),
            Some(Operation::GetUsage) => (&routes::USAGE, Accept::Usage),
            Some(Operation::ValidateInputs) => {
                if subject.is_object() {
                    steps.app = subject;
                } else {
                    steps.app_id = Some(read::id(subject, "app")?);
                }
                return Ok(steps);
            }
            // A wait sends by itself.
            _ => return Ok(steps),
        };
        let id = match asked.operation {
            Some(Operation::GetExecution | Operation::CancelExecution) => read_execution_id(subject)?,
            _ if !endpoint.is_of_one => String::new(),
            _ => read::id(subject, "appId")?,
        };
        if let Some(name) = endpoint.newest.filter(|_| version != ApiVersion::V1) {
            return Err(Parts::told(Code::Unsupported, &["`", name, "` needs `apiVersion: \"v1\"`."]));
        }
        let mut route = Route::to(endpoint, version, &config.base, &id);
        let mut body = Value::UNDEFINED;
        match asked.operation {
            Some(Operation::ListApps) => {
                route.ask("search", options.text("search").text().filter(|search| !search.is_empty()));
                route.ask("limit", options.count("limit", 1).map(decimal));
            }
            Some(Operation::ListExecutions) => {
                route.ask("status", options.text("status").text());
                route.ask("appId", options.text("appId").text());
                route.ask("limit", options.count("limit", 1).map(decimal));
                route.ask("offset", options.count("offset", 0).map(decimal));
                route.ask("since", read_since(options));
            }
            Some(Operation::Execute | Operation::Run) => {
                route.ask("webhook", read_webhook(options));
                body = bindings::encode_body(asked.inputs, read_outputs(options, version));
                if !body.is_string() {
                    return Err(Parts::with(Code::InvalidArgument, body.get("reason")).because(body.get("cause")));
                }
                let validate = options.value("validate");
                if validate.is_object() {
                    steps.app = validate;
                } else if options.flag("validate", false) {
                    steps.app_id = Some(id);
                }
            }
            _ => {}
        }
        steps.request = Some((route, body, accept));
        Ok(steps)
    }
}

/// The id of an execution that is given as its id or as itself.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where there is none.
pub fn read_execution_id(execution: Value) -> Result<String, Failure> {
    if !execution.is_object() {
        return read::id(execution, "executionId");
    }
    let id = read::member(execution, "executionId")?;
    read::id(if id.is_undefined() { read::member(execution, "runId")? } else { id }, "executionId")
}

/// A `Date` as its ISO text; one that is none is refused like whatever else is no text.
fn read_since(options: &mut Options) -> Option<String> {
    let since = options.value("since");
    bindings::iso_date(since).text().or_else(|| options.text("since").text())
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
    let mut good = outputs.count() > 0;
    for label in outputs.items() {
        good &= label.text().is_some_and(|label| !label.is_empty());
    }
    if !good {
        options.refuse_option("outputs", " must be a list of output labels.");
    }
    outputs
}

fn read_webhook(options: &mut Options) -> Option<String> {
    let webhook = options.value("webhook");
    if webhook.is_undefined() {
        return None;
    }
    let is_http = read::url(webhook).is_some_and(|url| url.protocol == "http:" || url.protocol == "https:");
    // A URL object gives its text as `href`; what the user wrote is sent as it is.
    let text = webhook.text().or_else(|| webhook.get("href").text()).filter(|_| is_http);
    if text.is_none() {
        options.refuse_option("webhook", " must be an absolute http(s) URL.");
    }
    text
}
