//! What each operation does: its arguments and options, as the requests and checks that follow.

use super::accept;
use super::operations::{Asked, Operation};
use super::request::Accept;
use crate::api::routes::{self, ApiVersion, Route, RunQuery};
use crate::core::error::Code;
use crate::core::text::join;
use crate::host::bindings;
use crate::host::failure::{invalid_option, Failure, Parts};
use crate::host::options::Options;
use crate::host::read::{self, plain, plain_text};
use wasm_bindgen::JsValue;

/// What an operation does, in this order; each step may be left out.
#[derive(Debug, Default)]
pub struct Steps {
    /// Fetch this app, unless it is remembered, or take this one.
    pub app_id: Option<String>,
    /// An app that the user gave.
    pub app: JsValue,
    /// Check the inputs against the app; then send this.
    pub request: Option<(Route, JsValue, Accept)>,
    /// Wait for the execution that was started, or was given.
    pub waits: bool,
}

impl Steps {
    /// Reads the arguments and options of an operation.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for an argument that cannot be; `UNSUPPORTED` for what this version of the API lacks.
    pub fn plan(asked: &Asked, options: &mut Options, version: ApiVersion) -> Result<Self, Failure> {
        let subject = &asked.subject;
        let mut steps = Self::default();
        let (route, accept): (Route, Accept) = match asked.operation {
            Some(Operation::ListApps) => {
                let search = options.text("search").filter(|search| !search.is_empty());
                (routes::list_apps(version, search, options.count("limit", 1)), accept::apps)
            }
            Some(Operation::GetApp) => (routes::get_app(version, &read::id(subject, "appId")?), accept::app),
            Some(Operation::GetWorkflow) => {
                (routes::get_workflow(version, &read::id(subject, "appId")?), accept::workflow)
            }
            Some(Operation::GetExecution) => {
                (routes::get_execution(version, &read::id(subject, "executionId")?), accept::execution)
            }
            Some(Operation::ValidateInputs) => {
                if subject.is_object() {
                    steps.app = subject.clone();
                } else {
                    steps.app_id = Some(read::id(subject, "app")?);
                }
                return Ok(steps);
            }
            Some(operation @ (Operation::Execute | Operation::Run)) => {
                steps.waits = operation == Operation::Run;
                return steps.start(asked, options, version);
            }
            Some(Operation::Wait) => {
                steps.waits = true;
                return Ok(steps);
            }
            Some(Operation::GetSigningKeys) => (routes::signing_keys(version), accept::keys),
            Some(Operation::CancelExecution) => {
                let id = read_execution_id(subject)?;
                newest_only(version, "cancelExecution")?;
                (routes::cancel_execution(&id), accept::execution)
            }
            Some(Operation::ListExecutions) => {
                newest_only(version, "listExecutions")?;
                (routes::list_executions(read_query(options)), accept::executions)
            }
            Some(Operation::EstimateCost) => {
                let id = read::id(subject, "appId")?;
                newest_only(version, "estimateCost")?;
                (routes::estimate_cost(&id), accept::estimate)
            }
            Some(Operation::GetUsage) => {
                newest_only(version, "getUsage")?;
                (routes::usage(), accept::usage)
            }
            _ => return Err(Parts::new(Code::Unsupported, "No such operation.")),
        };
        steps.request = Some((route, JsValue::UNDEFINED, accept));
        Ok(steps)
    }

    fn start(mut self, asked: &Asked, options: &mut Options, version: ApiVersion) -> Result<Self, Failure> {
        let app_id = read::id(&asked.subject, "appId")?;
        let webhook = read_webhook(options);
        let outputs = read_outputs(options, version);
        let body = bindings::encode_body(&asked.inputs, &outputs);
        if !body.is_string() {
            let reason = plain(&body, "reason").as_string().unwrap_or_default();
            return Err(Parts::told(Code::InvalidArgument, reason).because(plain(&body, "cause")));
        }
        let route = routes::execute(version, &app_id, webhook);
        self.request = Some((route, body, accept::execution));
        let validate = options.value("validate");
        if validate.is_object() {
            self.app = validate;
        } else if options.flag("validate", false) {
            self.app_id = Some(app_id);
        }
        Ok(self)
    }
}

/// The id of an execution that is given as its id or as itself.
///
/// # Errors
///
/// `INVALID_ARGUMENT` where there is none.
pub fn read_execution_id(execution: &JsValue) -> Result<String, Failure> {
    if !execution.is_object() {
        return read::id(execution, "executionId");
    }
    let id = read::member(execution, "executionId")?;
    read::id(&if id.is_undefined() { read::member(execution, "runId")? } else { id }, "executionId")
}

/// What only the newest API has.
fn newest_only(version: ApiVersion, name: &str) -> Result<(), Failure> {
    if version == ApiVersion::V1 {
        return Ok(());
    }
    Err(Parts::told(Code::Unsupported, join(&["`", name, "` needs `apiVersion: \"v1\"`."])))
}

fn read_query(options: &mut Options) -> RunQuery {
    let since = options.value("since");
    RunQuery {
        status: options.text("status"),
        app_id: options.text("appId"),
        limit: options.count("limit", 1),
        offset: options.count("offset", 0),
        // A `Date` as its ISO text; one that is none is refused like whatever else is no text.
        since: bindings::iso_date(&since).or_else(|| options.text("since")),
    }
}

/// The labels of the outputs that are wanted.
fn read_outputs(options: &mut Options, version: ApiVersion) -> JsValue {
    let outputs = options.value("outputs");
    if outputs.is_undefined() {
        return outputs;
    }
    if version != ApiVersion::V1 {
        options.refuse(Parts::new(Code::Unsupported, "`outputs` needs `apiVersion: \"v1\"`."));
        return outputs;
    }
    let labels = bindings::items(&outputs);
    if labels.length() == 0 || !labels.iter().all(|label| label.as_string().is_some_and(|label| !label.is_empty())) {
        options.refuse(invalid_option("outputs", " must be a list of output labels."));
    }
    labels.into()
}

fn read_webhook(options: &mut Options) -> Option<String> {
    let webhook = options.value("webhook");
    if webhook.is_undefined() {
        return None;
    }
    let is_http = read::url(&webhook).is_some_and(|url| url.protocol == "http:" || url.protocol == "https:");
    // A URL object gives its text as `href`; what the user wrote is sent as it is.
    let text = webhook.as_string().or_else(|| plain_text(&webhook, "href")).filter(|_| is_http);
    if text.is_none() {
        options.refuse(invalid_option("webhook", " must be an absolute http(s) URL."));
    }
    text
}
