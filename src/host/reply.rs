//! One HTTP reply, and what it means.

use super::bindings;
use super::failure::{invalid_response, Failure, Parts};
use super::read::text_of;
use super::value::Value;
use crate::core::budget::RateHead;
use crate::core::error::Code;
use crate::core::retry::{is_retryable, Effect, Outcome};
use crate::core::retry_after::{parse_count, parse_reset, parse_retry_after, Dates};
use crate::core::text::{cut, decimal, join};
use crate::core::time::Millis;

/// A reply as the shell took it apart: always an object of its own, so reading it is safe whatever `fetch` gave.
#[derive(Clone, Copy, Debug)]
pub struct Reply(pub Value);

/// The beginning of a reply.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The HTTP status; 0 for a redirect that the host hides, 1 for what is no reply at all.
    pub status: u16,
    /// What the server says of its rate limit, if it says anything.
    pub rate: Option<RateHead>,
}

/// By name: a getter for each would be more code here, and more in the glue.
impl Reply {
    /// Its status, and what it says of the server's rate limit.
    #[must_use]
    pub fn head(self) -> Head {
        let head = bindings::head(self.0);
        if head < bindings::LIMITED {
            return Head { status: head, rate: None };
        }
        let reset = self.text("reset");
        let rate = self.text("remaining").map(|remaining| RateHead {
            remaining: parse_count(&remaining),
            reset_in: reset.and_then(|reset| parse_reset(&reset, || self.dates("reset"))),
        });
        Head { status: head.saturating_sub(bindings::LIMITED), rate }
    }

    /// The parsed JSON; undefined where it was none.
    #[must_use]
    pub fn body(self) -> Value {
        self.0.get("body")
    }

    /// What its body wraps; undefined where that is none, or no object.
    #[must_use]
    pub fn data(self) -> Value {
        bindings::data(self.0)
    }

    /// Whether the body is a stream of events, still to be read.
    #[must_use]
    pub fn streams(self) -> bool {
        self.0.get("streams").as_bool().unwrap_or_default()
    }

    /// A header that the shell took out; or `text`, the beginning of a body that was not JSON.
    fn text(self, name: &str) -> Option<String> {
        self.0.get(name).text()
    }

    /// The dates by which the header `name` is understood.
    fn dates(self, name: &str) -> Dates {
        let date = bindings::date_in(self.0, "date");
        let now = if date.is_nan() { bindings::wall() } else { date };
        Dates { header: bindings::date_in(self.0, name), now }
    }

    /// How long the server asks to be left alone: by its header, else by the body's `retryAfter` (seconds).
    fn asked(self, body: Value) -> Option<Millis> {
        let header = self.text("retryAfter");
        header.and_then(|header| parse_retry_after(&header, || self.dates("retryAfter"))).or_else(|| {
            let seconds = body.get("retryAfter").number();
            (seconds >= 0.0).then(|| Millis::from_secs(seconds))
        })
    }

    /// The failure that a reply with another status than 2xx stands for.
    #[must_use]
    pub fn failure(self, status: u16, effect: Effect) -> Failure {
        if status == 1 {
            return invalid_response(&["`fetch` did not resolve to a Response."]);
        }
        if status == 0 || (300..=399).contains(&status) {
            let message = "The server answered with a redirect, which is not followed. Check `baseUrl`.";
            let mut failure = invalid_response(&[message]);
            failure.status = status;
            failure.outcome = Some(Outcome::Status { status, refused_before_work: false });
            return failure;
        }
        let body = self.body();
        let mut message = text_of(body, "error");
        if message.is_undefined() {
            message = text_of(body, "message");
        }
        if message.is_undefined() {
            let text = self.text("text").and_then(|text| for_people(&text));
            let text = text.unwrap_or_else(|| join(&["HTTP status ", &decimal(u32::from(status))]));
            message = text.as_str().into();
        }
        let server_code = body.get("code").text().and_then(|code| Code::from_server(&code));
        let code = server_code.unwrap_or_else(|| Code::from_status(status, &message.text().unwrap_or_default()));
        let refused_before_work =
            matches!((status, server_code), (503, Some(Code::ResourceUnavailable)) | (500, Some(Code::AuthFailed)));
        let outcome = Outcome::Status { status, refused_before_work };
        let mut failure = Parts::with(code, message);
        failure.status = status;
        failure.retry_after = self.asked(body);
        failure.request_id = text_of(body, "requestId");
        if failure.request_id.is_undefined() {
            failure.request_id = self.0.get("requestId");
        }
        failure.details = body.get("details");
        // What the server says of trying again, unless this was a start that may have happened: that is never said to be safe.
        let said = if effect == Effect::Safe { body.get("retryable").as_bool() } else { None };
        failure.retryable = Some(said.unwrap_or_else(|| is_retryable(effect, outcome)));
        failure.outcome = Some(outcome);
        failure
    }
}

/// A body for people; a proxy's HTML page is not one.
fn for_people(text: &str) -> Option<String> {
    let text = text.trim_ascii();
    let (shown, dots) = cut(text, 200);
    (!matches!(text.bytes().next(), None | Some(b'<' | b'{' | b'['))).then(|| join(&[shown, dots]))
}
