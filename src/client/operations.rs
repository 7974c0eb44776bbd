//! The operations of the API: arguments in, a promised shape out.

use super::accept::Accept;
use super::attempt::Context;
use super::inputs;
use super::options::CallOptions;
use super::poll_step;
use super::runtime::{self, Call};
use super::steps::Steps;
use super::wait;
use super::webhook;
use super::Client;
use crate::api::routes::{self, Route};
use crate::core::retry::Effect;
use crate::core::time::{Instant, Millis};
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
    /// How long ago the user called: the time that loading the module took counts as well.
    pub elapsed: Millis,
}

/// Runs one operation to its end.
///
/// # Errors
///
/// Whatever rejects the call.
pub async fn run(client: &Rc<Client>, call: &Call, asked: &Asked) -> Result<Value, Failure> {
    let called_at = runtime::now() - asked.elapsed;
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
    let deadline = called_at + call_options.limits.timeout;
    let plan = match asked.operation {
        Some(Operation::Wait | Operation::Run) => {
            Some(wait::Plan::take(&mut options, called_at, call_options.timeout, config.version))
        }
        _ => None,
    };
    let steps = Steps::plan(asked, &mut options, config);
    options.finish()?;
    let context = Context {
        client,
        config,
        call,
        options: call_options,
        attempts: Cell::default(),
        sent_at: Cell::default(),
        ticket: Cell::default(),
    };
    let result = context.go(asked, steps?, plan, deadline).await;
    result.map_err(|mut failure| {
        failure.attempts = context.attempts.get();
        failure
    })
}

impl Context<'_> {
    async fn go(
        &self,
        asked: &Asked,
        steps: Steps,
        plan: Option<wait::Plan>,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        let mut subject = asked.subject;
        let starts = asked.operation != Some(Operation::Wait);
        if starts {
            let start_by = plan.as_ref().map_or(deadline, |plan| deadline.min(plan.deadline()));
            subject = self.send(asked, steps, start_by).await?;
        }
        let Some(plan) = plan else { return Ok(subject) };
        let mut result = self.wait(subject, plan).await;
        if let Err(failure) = &mut result {
            if starts {
                // The same call again would be another start.
                failure.retryable = Some(false);
            }
        }
        result
    }

    /// Fetches the app, if it is asked for, checks the inputs against it, and sends the request; each where there is any.
    async fn send(&self, asked: &Asked, steps: Steps, deadline: Instant) -> Result<Value, Failure> {
        let version = self.config.version;
        let Steps { mut app_id, mut app, mut request } = steps;
        loop {
            if let Some(known) = app_id.as_deref().and_then(|id| self.client.remembered_app(id, runtime::now())) {
                app_id = None;
                app = known;
            }
            let (route, body, accept) = if let Some(app_id) = &app_id {
                let route = Route::to(&routes::GET_APP, version, &self.config.base, app_id);
                (route, Value::UNDEFINED, Accept::App)
            } else {
                let Some(request) = request.take() else { return inputs::report(app, asked.inputs, version) };
                if !app.is_undefined() {
                    inputs::refuse_bad(app, asked.inputs, version)?;
                }
                request
            };
            let result = self.perform(&route, body, accept, deadline).await?;
            if let Some(app_id) = app_id.take() {
                self.client.remember_app(app_id, runtime::now(), result);
                app = result;
                continue;
            }
            if route.effect == Effect::Start {
                if let Some(id) = result.get("executionId").text() {
                    self.client.remember_start(id, runtime::now());
                }
            }
            if accept == Accept::Usage {
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
