//! The error table: every code, and whether the same call may be tried again.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $retryable:literal;)+) => {
        /// What went wrong, as a user branches on it: `error.code`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as JavaScript sees it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Whether the same call may succeed later, where the server did not say.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$variant => $retryable,)+ }
            }
        }
    };
}

codes! {
    /// No key: neither in the options, nor in the environment, nor (says the server) in the request.
    AuthMissingKey = "AUTH_MISSING_KEY", false;
    /// The server does not know the key, or it was revoked.
    AuthInvalidKey = "AUTH_INVALID_KEY", false;
    /// The key's record lacks a workspace or a user.
    AuthInvalidContext = "AUTH_INVALID_CONTEXT", false;
    /// The server could not check the key; no work was done.
    AuthFailed = "AUTH_FAILED", true;
    /// Another workspace's, or not allowed.
    Forbidden = "FORBIDDEN", false;
    /// No such app or execution in this workspace.
    NotFound = "NOT_FOUND", false;
    /// The server refused the inputs or the body.
    ValidationError = "VALIDATION_ERROR", false;
    /// More requests than the server's limit allows.
    RateLimited = "RATE_LIMITED", true;
    /// The server refused the webhook's URL.
    WebhookInvalidUrl = "WEBHOOK_INVALID_URL", false;
    /// The secret of an inbound trigger does not match.
    WebhookInvalidSecret = "WEBHOOK_INVALID_SECRET", false;
    /// The service is not configured, or down for the moment; no work was done.
    ResourceUnavailable = "RESOURCE_UNAVAILABLE", true;
    /// The server failed.
    InternalError = "INTERNAL_ERROR", true;
    /// Any other status.
    ApiError = "API_ERROR", false;
    /// `fetch` rejected or threw.
    NetworkError = "NETWORK_ERROR", true;
    /// The call's time, or its last attempt's, ran out.
    Timeout = "TIMEOUT", true;
    /// A wait's time ran out; the execution goes on.
    WaitTimeout = "WAIT_TIMEOUT", true;
    /// Not JSON, not the promised shape, or a redirect.
    InvalidResponse = "INVALID_RESPONSE", false;
    /// A bad option, id, key or URL; nothing was sent.
    InvalidArgument = "INVALID_ARGUMENT", false;
    /// The local check refused the inputs; nothing was sent.
    InvalidInputs = "INVALID_INPUTS", false;
    /// The execution ended in failure.
    ExecutionFailed = "EXECUTION_FAILED", false;
    /// The execution was cancelled.
    ExecutionCancelled = "EXECUTION_CANCELLED", false;
    /// A webhook whose signature is not Lamina's.
    WebhookInvalidSignature = "WEBHOOK_INVALID_SIGNATURE", false;
    /// A webhook that is too old, or from the future.
    WebhookExpired = "WEBHOOK_EXPIRED", false;
    /// A webhook that is not one.
    WebhookMalformed = "WEBHOOK_MALFORMED", false;
    /// The slim entry was used before its `init`.
    NotInitialized = "NOT_INITIALIZED", false;
    /// The host refuses to compile WebAssembly.
    WasmUnavailable = "WASM_UNAVAILABLE", false;
    /// A bug of ours: the calls in flight end, the next one runs on a fresh instance.
    InternalPanic = "INTERNAL_PANIC", false;
    /// The method, or the option, does not exist in this version of the API.
    Unsupported = "UNSUPPORTED", false;
}

impl Code {
    /// The code that is called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// The code that is called `name`, if the server may say it.
    #[must_use]
    pub fn from_server(name: &str) -> Option<Self> {
        Self::named(name).filter(|code| (*code as u8) < Self::ApiError as u8)
    }

    /// The code of a reply whose body names none.
    ///
    /// 401 is an invalid key unless the text says that there was none (documented in the API's errors page).
    #[must_use]
    pub fn from_status(status: u16, message: &str) -> Self {
        match status {
            400 | 422 => Self::ValidationError,
            401 if message == "Missing API key" => Self::AuthMissingKey,
            401 => Self::AuthInvalidKey,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::RateLimited,
            503 => Self::ResourceUnavailable,
            500..=599 => Self::InternalError,
            _ => Self::ApiError,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn a_status_without_a_code_gets_the_documented_one() {
        let table = [
            (400, "Invalid inputs", "VALIDATION_ERROR"),
            (401, "Invalid API key", "AUTH_INVALID_KEY"),
            (401, "Missing API key", "AUTH_MISSING_KEY"),
            (403, "", "FORBIDDEN"),
            (404, "App not found", "NOT_FOUND"),
            (408, "", "API_ERROR"),
            (409, "", "API_ERROR"),
            (422, "", "VALIDATION_ERROR"),
            (429, "", "RATE_LIMITED"),
            (500, "", "INTERNAL_ERROR"),
            (502, "", "INTERNAL_ERROR"),
            (503, "", "RESOURCE_UNAVAILABLE"),
            (504, "", "INTERNAL_ERROR"),
        ];
        for (status, message, code) in table {
            assert_eq!(Code::from_status(status, message).as_str(), code, "{status} {message}");
        }
    }

    #[test]
    fn a_server_cannot_speak_with_a_code_of_the_client() {
        assert_eq!(Code::from_server("RATE_LIMITED"), Some(Code::RateLimited));
        assert_eq!(Code::from_server("INTERNAL_ERROR"), Some(Code::InternalError));
        for own in ["API_ERROR", "INTERNAL_PANIC", "TIMEOUT", "WAIT_TIMEOUT", "", "rate_limited"] {
            assert_eq!(Code::from_server(own), None, "{own}");
        }
    }
}
