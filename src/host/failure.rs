//! A failure on its way to the user, as the `LaminaError` it becomes.

use super::bindings;
use super::value::Value;
use crate::core::error::Code;
use crate::core::retry::Outcome;
use crate::core::text::join;
use crate::core::time::Millis;

/// What went wrong. Boxed, because every future holds room for one.
pub type Failure = Box<Parts>;

/// The parts of a failure.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// What a user branches on.
    pub code: Code,
    /// For people. Never holds the key or an id.
    pub message: Value,
    /// Whether the same call may be tried again; the code's own word where `None`.
    pub retryable: Option<bool>,
    /// The HTTP status; 0 where there was none.
    pub status: u16,
    /// The server's name of the request, for its support.
    pub request_id: Value,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Millis>,
    /// As the server, or the local validation, gave it.
    pub details: Value,
    /// The execution that it is about.
    pub execution: Value,
    /// What was thrown first.
    pub cause: Value,
    /// How many HTTP attempts were made.
    pub attempts: u32,
    /// How the attempt ended, where there was one.
    pub outcome: Option<Outcome>,
}

impl Parts {
    /// A failure with nothing but a code and a message.
    #[cold]
    #[inline(never)]
    pub fn new(code: Code, message: &str) -> Failure {
        Self::with(code, message.into())
    }

    /// A failure whose message is put together.
    #[cold]
    #[inline(never)]
    pub fn told(code: Code, message: &[&str]) -> Failure {
        Self::new(code, &join(message))
    }

    /// A failure whose message is a text of the host.
    #[cold]
    #[inline(never)]
    pub fn with(code: Code, message: Value) -> Failure {
        Box::new(Self {
            code,
            message,
            retryable: None,
            status: 0,
            request_id: Value::UNDEFINED,
            retry_after: None,
            details: Value::UNDEFINED,
            execution: Value::UNDEFINED,
            cause: Value::UNDEFINED,
            attempts: 0,
            outcome: None,
        })
    }

    /// This failure, with what it came of.
    #[must_use]
    pub fn because(mut self: Box<Self>, cause: Value) -> Failure {
        self.cause = cause;
        self
    }

    /// The `LaminaError`.
    #[must_use]
    pub fn to_js(&self) -> Value {
        let retryable = self.retryable.unwrap_or_else(|| self.code.retryable());
        let error = bindings::error(self.code.as_str(), self.message, retryable, self.attempts, self.cause);
        let status = match self.status {
            0 => Value::UNDEFINED,
            status => u32::from(status).into(),
        };
        let retry_after = self.retry_after.map_or(Value::UNDEFINED, |pause| pause.get().into());
        let members = [
            ("status", status),
            ("requestId", self.request_id),
            ("retryAfterMs", retry_after),
            ("details", self.details),
            ("execution", self.execution),
        ];
        error.set_all(&members);
        error
    }
}

/// A bad argument or option: nothing was sent.
#[cold]
#[inline(never)]
pub fn invalid_argument(message: &str) -> Failure {
    Parts::new(Code::InvalidArgument, message)
}

/// A bad option, by its name: nothing was sent.
#[cold]
#[inline(never)]
pub fn invalid_option(name: &str, rest: &str) -> Failure {
    Parts::told(Code::InvalidArgument, &["`", name, "`", rest])
}

/// A reply that breaks the promise of its operation.
#[cold]
#[inline(never)]
pub fn invalid_response(message: &[&str]) -> Failure {
    let mut failure = Parts::told(Code::InvalidResponse, message);
    failure.outcome = Some(Outcome::Broken);
    failure
}
