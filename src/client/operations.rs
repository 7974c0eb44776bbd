//! The operations of the API: arguments in, a promised shape out.

use super::accept;
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
use crate::core::retry::Effect;
use crate::core::time::{Instant, Millis};
use crate::host::bindings;
use crate::host::failure::{invalid_option, Failure, Parts};
use crate::host::options::Options;
use crate::host::read::{self, plain, plain_text};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;

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
        return poll_step::step(call.id, &asked.subject, &asked.inputs);
    }
    let called_at = runtime::now() - asked.elapsed;
    let config = match &client.config {
        Ok(config) => config,
        Err(failure) => {
            let again = Parts::told(failure.code, failure.message.clone().into_owned());
            return Err(again.because(failure.cause.clone()));
        }
    };
    let mut options = Options::new(&asked.options);
    let call_options = CallOptions::take(&mut options, config.limits);
    let deadline = called_at + call_options.limits.timeout;
    let plan = wait::Plan::take(&mut options, called_at, call_options.timeout);
    let steps = Steps::plan(asked, &mut options, config.version);
    options.finish()?;
    let context = Context { client, config, call, options: call_options, attempts: Cell::new(0) };
    let result = context.go(asked, steps?, plan, deadline).await;
    result.map_err(|mut failure| {
        failure.attempts = context.attempts.get();
        failure
    })
}

/// What an operation does, in this order; each step may be left out.
#[derive(Debug, Default)]
struct Steps {
    /// Fetch this app, unless it is remembered, or take this one.
    app_id: Option<String>,
    app: JsValue,
    /// Check the inputs against the app; then send this.
    request: Option<(Route, JsValue, Accept)>,
    /// Wait for the execution that was started, or was given.
    waits: bool,
}

impl Steps {
    fn plan(asked: &Asked, options: &mut Options, version: ApiVersion) -> Result<Self, Failure> {
        let subject = &asked.subject;
        let mut steps = Self::default();
        let (route, accept): (Route, Accept) = match asked.operation {
            Some(Operation::ListApps) => {
                let search = options.text("search").filter(|search| !search.is_empty());
                (routes::list_apps(version, search.as_deref(), options.count("limit", 1)), accept::apps)
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
            Some(Operation::PollStep) | None => return Err(Parts::new(Code::Unsupported, "No such operation.")),
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
        let route = routes::execute(version, &app_id, webhook.as_deref());
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

impl Context<'_> {
    async fn go(&self, asked: &Asked, steps: Steps, plan: wait::Plan, deadline: Instant) -> Result<JsValue, Failure> {
        let version = self.config.version;
        let start_by = if steps.waits { deadline.min(plan.deadline()) } else { deadline };
        let mut app = steps.app;
        if let Some(app_id) = steps.app_id {
            app = match self.client.remembered_app(&app_id, runtime::now()) {
                Some(app) => app,
                None => {
                    let route = routes::get_app(version, &app_id);
                    let app = self.perform(&route, &JsValue::UNDEFINED, accept::app, start_by).await?;
                    self.client.remember_app(&app_id, runtime::now(), &app);
                    app
                }
            };
        }
        let Some((route, body, accept)) = steps.request else {
            if steps.waits {
                return self.wait(&asked.subject, plan).await;
            }
            return inputs::report(&app, &asked.inputs, version);
        };
        if !app.is_undefined() {
            inputs::refuse_bad(&app, &asked.inputs, version)?;
        }
        let result = self.perform(&route, &body, accept, start_by).await?;
        if route.effect == Effect::Start {
            if let Some(id) = plain_text(&result, "executionId") {
                self.client.remember_start(id, runtime::now());
            }
        }
        if steps.waits {
            return self.wait(&result, plan).await;
        }
        Ok(result)
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
