//! The operations of the API: arguments in, a promised shape out.

use super::attempt::{Context, Sending};
use super::call::Call;
use super::clock;
use super::inputs;
use super::options::CallOptions;
use super::poll_step;
use super::route::Route;
use super::steps::Steps;
use super::wait::Plan;
use super::webhook;
use super::Client;
use crate::api::promise::Promise;
use crate::api::routes::{self, Endpoint};
use crate::core::budget::Request;
use crate::core::retry::Effect;
use crate::core::time::Instant;
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::host::value::Value;
use std::cell::Cell;
use std::rc::Rc;

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
    /// `getSigningKeys(options)`
    GetSigningKeys,
    /// `verifyWebhook(delivery, options)`
    VerifyWebhook,
    /// `cancelExecution(executionId, options)`
    CancelExecution,
    /// `listExecutions(options)`
    ListExecutions,
    /// `estimateCost(appId, options)`
    EstimateCost,
    /// `getUsage(options)`
    GetUsage,
    /// The head of a webhook's delivery, for the shell's part of `verifyWebhook`.
    CheckWebhook,
    /// What it is about, once its signature is good.
    WebhookEvent,
}

impl Operation {
    /// Every operation; its place is its number on the boundary.
    pub const ALL: [Self; 17] = [
        Self::ListApps,
        Self::GetApp,
        Self::GetWorkflow,
        Self::ValidateInputs,
        Self::Execute,
        Self::GetExecution,
        Self::Wait,
        Self::Run,
        Self::PollStep,
        Self::GetSigningKeys,
        Self::VerifyWebhook,
        Self::CancelExecution,
        Self::ListExecutions,
        Self::EstimateCost,
        Self::GetUsage,
        Self::CheckWebhook,
        Self::WebhookEvent,
    ];

    /// The endpoint that it is sent to, where it is one request.
    #[must_use]
    pub const fn endpoint(self) -> Option<&'static Endpoint> {
        Some(match self {
            Self::ListApps => &routes::LIST_APPS,
            Self::GetApp => &routes::GET_APP,
            Self::GetWorkflow => &routes::GET_WORKFLOW,
            Self::Execute | Self::Run => &routes::EXECUTE,
            Self::GetExecution => &routes::GET_EXECUTION,
            Self::GetSigningKeys => &routes::SIGNING_KEYS,
            Self::CancelExecution => &routes::CANCEL_EXECUTION,
            Self::ListExecutions => &routes::LIST_EXECUTIONS,
            Self::EstimateCost => &routes::ESTIMATE_COST,
            Self::GetUsage => &routes::USAGE,
            _ => return None,
        })
    }
}

/// What the shell passes for one call.
#[derive(Debug)]
pub struct Asked {
    /// Which operation.
    pub operation: Option<Operation>,
    /// Its first argument.
    pub subject: Value,
    /// Its inputs, where it has any.
    pub inputs: Value,
    /// Its options.
    pub options: Value,
    /// What the host's clock showed when the user called: the time that loading the module took counts as well.
    pub called_at: f64,
}

/// Runs one operation to its end.
///
/// # Errors
///
/// Whatever rejects the call.
pub async fn run(client: &Rc<Client>, call: &Call, asked: &Asked) -> Result<Value, Failure> {
    let called_at = clock::at(asked.called_at);
    match asked.operation {
        Some(Operation::PollStep) => return poll_step::step(asked.subject, asked.inputs),
        Some(Operation::CheckWebhook) => return webhook::check(asked.subject, asked.options),
        Some(Operation::WebhookEvent) => return webhook::event(asked.subject, asked.inputs),
        Some(Operation::VerifyWebhook) => return webhook::verify(client, call, asked, called_at).await,
        _ => {}
    }
    let config = client.config()?;
    let mut options = Options::new(asked.options);
    let call_options = CallOptions::take(&mut options, config.limits, Value::UNDEFINED);
    let mut deadline = called_at + call_options.limits.timeout;
    let plan = match asked.operation {
        Some(Operation::Wait | Operation::Run) => {
            let plan = Plan::take(&mut options, called_at, call_options.timeout, config.version);
            deadline = deadline.min(plan.wait.deadline);
            Some(plan)
        }
        _ => None,
    };
    let steps = Steps::plan(asked, &mut options, config);
    options.finish()?;
    let steps = steps?;
    if !asked.options.is_undefined() || !asked.inputs.is_undefined() {
        // Getters, `toJSON`.
        clock::look();
    }
    let context = Context {
        client,
        config,
        call,
        asked,
        options: call_options,
        sent_at: Cell::default(),
        ticket: Cell::default(),
    };
    let starts = asked.operation != Some(Operation::Wait);
    let subject = if starts { context.send(&steps, deadline).await? } else { asked.subject };
    let Some(plan) = &plan else { return Ok(subject) };
    let mut result = context.wait(subject, plan).await;
    if let Err(failure) = &mut result {
        if starts {
            // The same call again would be another start.
            failure.retryable = Some(false);
        }
    }
    result
}

impl Context<'_> {
    /// Fetches the app, if it is asked for, checks the inputs against it, and sends the request; each where there is any.
    async fn send(&self, steps: &Steps, deadline: Instant) -> Result<Value, Failure> {
        let mut app = steps.app;
        let mut app_id = steps.app_id.text();
        loop {
            if let Some(known) = app_id.as_deref().and_then(|id| self.client.remembered_app(id, clock::now())) {
                app_id = None;
                app = known;
            }
            let (route, body) = if app_id.is_some() {
                (Route::to(&routes::GET_APP, self.config, steps.app_id), Value::UNDEFINED)
            } else {
                let Some(request) = steps.request else {
                    return inputs::report(app, self.asked.inputs, self.config.version);
                };
                if !app.is_undefined() {
                    inputs::refuse_bad(app, self.asked.inputs, self.config.version)?;
                }
                request
            };
            let result = self.perform(&Sending { route, body, request: Request::Foreground, deadline }).await?;
            if let Some(id) = app_id.take() {
                self.client.remember_app(id, clock::now(), result);
                app = result;
                continue;
            }
            if route.endpoint.effect == Effect::Start {
                if let Some(id) = result.get("executionId").text() {
                    self.client.remember_start(id, clock::now());
                }
            }
            if route.endpoint.promise == Promise::Usage {
                self.obey_usage(result);
            }
            return Ok(result);
        }
    }

    /// The account's own limit bounds the budget.
    fn obey_usage(&self, usage: Value) {
        let said = usage.get("rateLimit");
        let (limit, window) = (said.get("limit").number(), said.get("windowMs").number());
        if limit > 0.0 && window > 0.0 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
            let per_minute = (limit * 60_000.0 / window) as u32;
            self.client.budget.borrow_mut().server_limit(per_minute);
        }
    }
}
