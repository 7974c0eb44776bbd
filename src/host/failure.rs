//! A failure on its way to the user, as the `LaminaError` it becomes.

use super::bindings;
use crate::core::error::Code;
use crate::core::retry::Outcome;
use crate::core::time::Millis;
use js_sys::Reflect;
use std::borrow::Cow;
use wasm_bindgen::JsValue;

/// What went wrong. Boxed, because every future holds room for one.
pub type Failure = Box<Parts>;

/// The parts of a failure.
#[derive(Debug)]
pub struct Parts {
    /// What a user branches on.
    pub code: Code,
    /// For people. Never holds the key or an id.
    pub message: Cow<'static, str>,
    /// Whether the same call may be tried again; the code's own word where `None`.
    pub retryable: Option<bool>,
    /// The HTTP status; 0 where there was none.
    pub status: u16,
    /// The server's name of the request, for its support.
    pub request_id: Option<String>,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Millis>,
    /// As the server, or the local validation, gave it.
    pub details: JsValue,
    /// The execution that it is about.
    pub execution: JsValue,
    /// What was thrown first.
    pub cause: JsValue,
    /// How many HTTP attempts were made.
    pub attempts: u32,
    /// How the attempt ended, where there was one.
    pub outcome: Option<Outcome>,
}

impl Parts {
    /// A failure with nothing but a code and a message.
    pub fn boxed(code: Code, message: impl Into<Cow<'static, str>>) -> Failure {
        Box::new(Self {
            code,
            message: message.into(),
            retryable: None,
            status: 0,
            request_id: None,
            retry_after: None,
            details: JsValue::UNDEFINED,
            execution: JsValue::UNDEFINED,
            cause: JsValue::UNDEFINED,
            attempts: 0,
            outcome: None,
        })
    }

    /// A failure that `cause` led to.
    pub fn caused(code: Code, message: impl Into<Cow<'static, str>>, cause: JsValue) -> Failure {
        let mut failure = Self::boxed(code, message);
        failure.cause = cause;
        failure
    }

    /// The `LaminaError`.
    #[must_use]
    pub fn to_js(&self) -> JsValue {
        let retryable = self.retryable.unwrap_or_else(|| self.code.retryable());
        let error = bindings::error(self.code.as_str(), &self.message, retryable, self.attempts, &self.cause);
        let status = match self.status {
            0 => JsValue::UNDEFINED,
            status => status.into(),
        };
        let request_id = self.request_id.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str);
        let retry_after = self.retry_after.map_or(JsValue::UNDEFINED, |pause| pause.get().into());
        let members = [
            ("status", &status),
            ("requestId", &request_id),
            ("retryAfterMs", &retry_after),
            ("details", &self.details),
            ("execution", &self.execution),
        ];
        for (name, value) in members {
            if !value.is_undefined() {
                // An error of the shell takes every member.
                let _ = Reflect::set(&error, &name.into(), value);
            }
        }
        error
    }
}

/// A bad argument or option: nothing was sent.
pub fn invalid_argument(message: impl Into<Cow<'static, str>>) -> Failure {
    Parts::boxed(Code::InvalidArgument, message)
}

/// A reply that breaks the promise of its operation.
pub fn invalid_response(message: &'static str) -> Failure {
    let mut failure = Parts::boxed(Code::InvalidResponse, message);
    failure.outcome = Some(Outcome::Broken);
    failure
}
