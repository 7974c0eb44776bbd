//! The operations of the API: arguments in, a promised shape out.

use super::attempt::Context;
use super::inputs;
use super::options::CallOptions;
use super::poll_step;
use super::request::Accept;
use super::runtime::{self, Call};
use super::wait;
use super::Client;
use crate::api::routes::{self, ApiVersion, Route};
use crate::core::error::Code;
use crate::core::time::{Instant, Millis};
use crate::host::bindings;
use crate::host::failure::{invalid_argument, invalid_response, Failure, Parts};
use crate::host::read::{self, plain};
use js_sys::Reflect;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// What the shell may ask for. The shell's `operations.js` has the same list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `listApps(options)`
    ListApps,
    /// `getApp(appId, options)`
    GetApp,
    /// `getWorkflow(appId, options)`
    GetWorkflow,
    /// `validateInputs(appOrId, inputs, options)`
    ValidateInputs,
    /// `execute(appId, inputs, options)`
    Execute,
    /// `getExecution(executionId, options)`
    GetExecution,
    /// `waitForExecution(executionOrId, options)`
    Wait,
    /// `run(appId, inputs, options)`
    Run,
    /// `pollStep(state, observation)`: needs no client and sends nothing.
    PollStep,
}

impl Operation {
    /// Every operation; its place is its number on the boundary.
    pub const ALL: [Self; 9] = [
        Self::ListApps,
        Self::GetApp,
        Self::GetWorkflow,
        Self::ValidateInputs,
        Self::Execute,
        Self::GetExecution,
        Self::Wait,
        Self::Run,
        Self::PollStep,
    ];
}

/// What the shell passes for one call.
#[derive(Debug)]
pub struct Asked {
    /// Which operation.
    pub operation: Option<Operation>,
    /// Its first argument.
    pub subject: JsValue,
    /// Its inputs, where it has any.
    pub inputs: JsValue,
    /// Its options.
    pub options: JsValue,
    /// How long ago the user called: the time that loading the module took counts as well.
    pub elapsed: Millis,
}

/// Runs one operation to its end.
///
/// # Errors
///
/// Whatever rejects the call.
pub async fn run(client: &Rc<Client>, call: &Call, asked: &Asked) -> Result<JsValue, Failure> {
    if asked.operation == Some(Operation::PollStep) {
        return poll_step::step(&asked.subject, &asked.inputs);
    }
    let called_at = runtime::now() - asked.elapsed;
    let config = match &client.config {
        Ok(config) => config,
        Err(failure) => {
            let mut again = Parts::boxed(failure.code, failure.message.clone());
            again.cause = failure.cause.clone();
            return Err(again);
        }
    };
    let options = CallOptions::read(&asked.options, config.limits)?;
    let context = Context { client, config, call, options, attempts: Cell::new(0) };
    let deadline = called_at + context.options.limits.timeout;
    let version = config.version;
    let subject = &asked.subject;
    let operation = asked.operation.ok_or_else(|| Parts::boxed(Code::Unsupported, "No such operation."))?;
    let (route, accept): (Route, Accept) = match operation {
        Operation::PollStep => return Ok(JsValue::UNDEFINED),
        Operation::ListApps => {
            let search = read::text(&asked.options, "search")?.filter(|search| !search.is_empty());
            let limit = read::count(&asked.options, "limit", 1)?;
            (routes::list_apps(version, search.as_deref(), limit), accept_apps)
        }
        Operation::GetApp => (routes::get_app(version, &read::id(subject, "appId")?), accept_app),
        Operation::GetWorkflow => (routes::get_workflow(version, &read::id(subject, "appId")?), accept_workflow),
        Operation::GetExecution => {
            (routes::get_execution(version, &read::id(subject, "executionId")?), accept_execution)
        }
        Operation::ValidateInputs => return context.validate_inputs(subject, &asked.inputs, deadline).await,
        Operation::Execute => return context.execute(asked, deadline).await,
        Operation::Wait => {
            let wait = wait::Plan::read(&asked.options, called_at, context.options.timeout)?;
            return context.wait(subject, wait).await;
        }
        Operation::Run => {
            let wait = wait::Plan::read(&asked.options, called_at, context.options.timeout)?;
            let start_by = wait.deadline().min(called_at + config.limits.timeout);
            let started = context.execute(asked, start_by).await?;
            return context.wait(&started, wait).await;
        }
    };
    context.perform(&route, &JsValue::UNDEFINED, accept, deadline).await
}

impl Context<'_> {
    async fn execute(&self, asked: &Asked, deadline: Instant) -> Result<JsValue, Failure> {
        let app_id = read::id(&asked.subject, "appId")?;
        let webhook = read_webhook(&asked.options)?;
        let outputs = self.read_outputs(&asked.options)?;
        let body = bindings::encode_body(&asked.inputs, &outputs);
        if !body.is_string() {
            let reason = plain(&body, "reason").as_string().unwrap_or_default();
            return Err(Parts::caused(Code::InvalidArgument, reason, plain(&body, "cause")));
        }
        let validate = read::member(&asked.options, "validate")?;
        if validate.is_object() || validate.as_bool() == Some(true) {
            let app = if validate.is_object() { validate } else { self.app(&app_id, deadline).await? };
            inputs::refuse_bad(&app, &asked.inputs, self.config.version)?;
        } else if !validate.is_undefined() && validate.as_bool().is_none() {
            return Err(invalid_argument("`validate` must be true, false or an app."));
        }
        let route = routes::execute(self.config.version, &app_id, webhook.as_deref());
        let execution = self.perform(&route, &body, accept_execution, deadline).await?;
        if let Some(id) = plain(&execution, "executionId").as_string() {
            self.client.remember_start(id, runtime::now());
        }
        Ok(execution)
    }

    async fn validate_inputs(&self, app: &JsValue, values: &JsValue, deadline: Instant) -> Result<JsValue, Failure> {
        let app = if app.is_object() { app.clone() } else { self.app(&read::id(app, "app")?, deadline).await? };
        inputs::report(&app, values, self.config.version)
    }

    /// The app with its parameters, from memory where it is fresh.
    async fn app(&self, app_id: &str, deadline: Instant) -> Result<JsValue, Failure> {
        if let Some(app) = self.client.remembered_app(app_id, runtime::now()) {
            return Ok(app);
        }
        let route = routes::get_app(self.config.version, app_id);
        let app = self.perform(&route, &JsValue::UNDEFINED, accept_app, deadline).await?;
        self.client.remember_app(app_id, runtime::now(), &app);
        Ok(app)
    }

    /// The labels of the outputs that are wanted.
    fn read_outputs(&self, options: &JsValue) -> Result<JsValue, Failure> {
        let outputs = read::member(options, "outputs")?;
        if outputs.is_undefined() {
            return Ok(outputs);
        }
        if self.config.version != ApiVersion::V1 {
            return Err(Parts::boxed(Code::Unsupported, "`outputs` needs `apiVersion: \"v1\"`."));
        }
        let labels = bindings::items(&outputs);
        if labels.length() == 0 || !labels.iter().all(|label| label.as_string().is_some_and(|label| !label.is_empty())) {
            return Err(invalid_argument("`outputs` must be a list of output labels."));
        }
        Ok(labels.into())
    }
}

fn read_webhook(options: &JsValue) -> Result<Option<String>, Failure> {
    let webhook = read::member(options, "webhook")?;
    if webhook.is_undefined() {
        return Ok(None);
    }
    let is_http = read::url(&webhook).is_some_and(|url| url.protocol == "http:" || url.protocol == "https:");
    // A URL object gives its text as `href`; what the user wrote is sent as it is.
    let text = webhook.as_string().or_else(|| plain(&webhook, "href").as_string());
    match text {
        Some(text) if is_http => Ok(Some(text)),
        _ => Err(invalid_argument("`webhook` must be an absolute http(s) URL.")),
    }
}

fn data(body: &JsValue) -> JsValue {
    plain(body, "data")
}

fn accept_apps(body: &JsValue, _: ApiVersion) -> Result<JsValue, Failure> {
    let apps = data(body);
    if bindings::is_list_of(&apps, "appId") {
        Ok(apps)
    } else {
        Err(invalid_response("The server's reply is not a list of apps, each with an `appId`."))
    }
}

fn accept_app(body: &JsValue, version: ApiVersion) -> Result<JsValue, Failure> {
    let app = data(body);
    // Later versions sketch parameters by `key` alone.
    let name = if version == ApiVersion::Api { "name" } else { "" };
    if has_text(&app, "appId") && bindings::is_list_of(&plain(&app, "parameters"), name) {
        Ok(app)
    } else {
        Err(invalid_response("The server's reply is not an app with an `appId` and `parameters`."))
    }
}

fn accept_workflow(body: &JsValue, _: ApiVersion) -> Result<JsValue, Failure> {
    let workflow = data(body);
    if bindings::is_list_of(&plain(&workflow, "nodes"), "") && bindings::is_list_of(&plain(&workflow, "edges"), "") {
        Ok(workflow)
    } else {
        Err(invalid_response("The server's reply is not a workflow with `nodes` and `edges`."))
    }
}

/// An execution has an id, under either of its names, and a status; what it has beside is kept.
pub fn accept_execution(body: &JsValue, _: ApiVersion) -> Result<JsValue, Failure> {
    let execution = data(body);
    let outputs = plain(&execution, "outputs");
    let outputs_fit = outputs.is_undefined() || outputs.is_null() || bindings::is_list_of(&outputs, "");
    if !has_text(&execution, "status") || !outputs_fit {
        return Err(invalid_response("The server's reply is not an execution with an id and a `status`."));
    }
    if !has_text(&execution, "executionId") {
        if !has_text(&execution, "runId") {
            return Err(invalid_response("The server's reply is an execution without an id."));
        }
        let _ = Reflect::set(&execution, &"executionId".into(), &plain(&execution, "runId"));
    }
    Ok(execution)
}

fn has_text(object: &JsValue, name: &str) -> bool {
    plain(object, name).dyn_ref::<js_sys::JsString>().is_some_and(|text| text.length() > 0)
}
