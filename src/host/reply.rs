//! One HTTP reply, and what it means.

use super::failure::{invalid_response, Failure, Parts};
use super::read::{plain, plain_text, whole};
use crate::core::budget::RateHead;
use crate::core::error::Code;
use crate::core::retry::{Effect, Outcome};
use crate::core::retry_after::{parse_count, parse_reset, parse_retry_after};
use crate::core::text::{cut, decimal, join};
use crate::core::time::Millis;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A reply as the shell took it apart: always an object of its own, so reading it is safe whatever `fetch` gave.
    #[derive(Clone, Debug)]
    pub type Reply;
}

/// By name: a getter for each would be more code here, and more in the glue.
impl Reply {
    /// The HTTP status; 0 for a redirect that the host hides, 1 for what is no reply at all.
    #[must_use]
    pub fn status(&self) -> u16 {
        #[allow(clippy::cast_possible_truncation, reason = "a status has three digits")]
        let status = whole(&plain(self, "status")).unwrap_or_default() as u16;
        status
    }

    /// The parsed JSON; undefined where it was none.
    #[must_use]
    pub fn body(&self) -> JsValue {
        plain(self, "body")
    }

    /// Whether the body is a stream of events, still to be read.
    #[must_use]
    pub fn streams(&self) -> bool {
        plain(self, "streams").as_bool().unwrap_or_default()
    }

    /// A header that the shell took out; or `text`, the beginning of a body that was not JSON.
    fn text(&self, name: &str) -> Option<String> {
        plain(self, name).as_string()
    }

    /// What the server says of its rate limit, if it says anything.
    #[must_use]
    pub fn rate_head(&self, wall: f64) -> Option<RateHead> {
        let remaining = self.text("remaining")?;
        let reset = self.text("reset");
        Some(RateHead {
            remaining: parse_count(&remaining),
            reset_in: reset.and_then(|reset| parse_reset(&reset, self.text("date").as_deref(), wall)),
        })
    }

    /// How long the server asks to be left alone: by its header, else by the body's `retryAfter` (seconds).
    fn asked(&self, body: &JsValue, wall: f64) -> Option<Millis> {
        let header = self.text("retryAfter");
        parse_retry_after(header.as_deref(), self.text("date").as_deref(), wall).or_else(|| {
            let seconds = plain(body, "retryAfter").as_f64().filter(|seconds| *seconds >= 0.0)?;
            Some(Millis::from_secs(seconds))
        })
    }

    /// The failure that a reply with another status than 2xx stands for.
    #[must_use]
    pub fn failure(&self, effect: Effect, wall: f64) -> Failure {
        let status = self.status();
        if status == 1 {
            return invalid_response("`fetch` did not resolve to a Response.");
        }
        if status == 0 || (300..=399).contains(&status) {
            let message = "The server answered with a redirect, which is not followed. Check `baseUrl`.";
            let mut failure = Parts::new(Code::InvalidResponse, message);
            failure.status = status;
            failure.outcome = Some(Outcome::Status { status, refused_before_work: false });
            return failure;
        }
        let body = self.body();
        let said = |name| plain_text(&body, name);
        let message =
            said("error").or_else(|| said("message")).or_else(|| for_people(&self.text("text")?)).unwrap_or_default();
        let server_code = said("code").and_then(|code| Code::from_server(&code));
        let code = server_code.unwrap_or_else(|| Code::from_status(status, &message));
        let refused_before_work =
            matches!((status, server_code), (503, Some(Code::ResourceUnavailable)) | (500, Some(Code::AuthFailed)));
        let outcome = Outcome::Status { status, refused_before_work };
        let message = if message.is_empty() { join(&["HTTP status ", &decimal(u32::from(status))]) } else { message };
        let mut failure = Parts::told(code, message);
        failure.status = status;
        failure.retry_after = self.asked(&body, wall);
        failure.request_id = said("requestId").or_else(|| self.text("requestId"));
        failure.details = plain(&body, "details");
        failure.retryable = Some(retryable(effect, outcome, plain(&body, "retryable").as_bool()));
        failure.outcome = Some(outcome);
        failure
    }
}

/// What the server says of trying again, unless this was a start that may have happened: that is never said to be safe.
fn retryable(effect: Effect, outcome: Outcome, said: Option<bool>) -> bool {
    let safe = crate::core::retry::is_retryable(effect, outcome);
    match effect {
        Effect::Start => safe,
        Effect::Safe => said.unwrap_or(safe),
    }
}

/// A body for people; a proxy's HTML page is not one.
fn for_people(text: &str) -> Option<String> {
    let text = text.trim_ascii();
    (!matches!(text.bytes().next(), None | Some(b'<' | b'{' | b'['))).then(|| cut(text, 200))
}
