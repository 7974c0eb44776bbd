//! A failure on its way to the user, as the `LaminaError` it becomes.

use super::{bindings, write};
use crate::core::error::Code;
use crate::core::retry::Outcome;
use crate::core::text::join;
use crate::core::time::Millis;
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
    #[cold]
    #[inline(never)]
    pub fn new(code: Code, message: &'static str) -> Failure {
        Self::with(code, Cow::Borrowed(message))
    }

    /// A failure whose message was put together.
    #[cold]
    #[inline(never)]
    pub fn told(code: Code, message: String) -> Failure {
        Self::with(code, Cow::Owned(message))
    }

    #[cold]
    #[inline(never)]
    fn with(code: Code, message: Cow<'static, str>) -> Failure {
        Box::new(Self {
            code,
            message,
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

    /// This failure, with what it came of.
    #[must_use]
    pub fn because(mut self: Box<Self>, cause: JsValue) -> Failure {
        self.cause = cause;
        self
    }

    /// The `LaminaError` of `call`.
    #[must_use]
    pub fn to_js(&self, call: u32) -> JsValue {
        let retryable = self.retryable.unwrap_or_else(|| self.code.retryable());
        let error = bindings::error(call, self.code.as_str(), &self.message, retryable, self.attempts, &self.cause);
        let status = match self.status {
            0 => JsValue::UNDEFINED,
            status => status.into(),
        };
        let request_id = write::text(self.request_id.as_deref());
        let retry_after = write::number(self.retry_after.map(Millis::get));
        let members = [
            ("status", &status),
            ("requestId", &request_id),
            ("retryAfterMs", &retry_after),
            ("details", &self.details),
            ("execution", &self.execution),
        ];
        for (name, value) in members {
            if !value.is_undefined() {
                write::set(&error, name, value);
            }
        }
        error
    }
}

/// A bad argument or option: nothing was sent.
#[cold]
#[inline(never)]
pub fn invalid_argument(message: &'static str) -> Failure {
    Parts::new(Code::InvalidArgument, message)
}

/// A bad option, by its name: nothing was sent.
#[cold]
#[inline(never)]
pub fn invalid_option(name: &str, rest: &str) -> Failure {
    Parts::told(Code::InvalidArgument, join(&["`", name, "`", rest]))
}

/// A reply that breaks the promise of its operation.
#[cold]
#[inline(never)]
pub fn invalid_response(message: &'static str) -> Failure {
    let mut failure = Parts::new(Code::InvalidResponse, message);
    failure.outcome = Some(Outcome::Broken);
    failure
}
