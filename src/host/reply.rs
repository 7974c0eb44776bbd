//! One HTTP reply, and what it means.

use super::bindings::date_in;
use super::failure::{invalid_response, Failure, Parts};
use super::read::{text_of, whole};
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

/// By name: a getter for each would be more code here, and more in the glue.
impl Reply {
    /// The HTTP status; 0 for a redirect that the host hides, 1 for what is no reply at all.
    #[must_use]
    pub fn status(self) -> u16 {
        #[allow(clippy::cast_possible_truncation, reason = "a status has three digits")]
        let status = whole(self.0.get("status")).unwrap_or_default() as u16;
        status
    }

    /// The parsed JSON; undefined where it was none.
    #[must_use]
    pub fn body(self) -> Value {
        self.0.get("body")
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

    /// What the server says of its rate limit, if it says anything.
    #[must_use]
    pub fn rate_head(self, wall: f64) -> Option<RateHead> {
        let remaining = self.text("remaining")?;
        let reset = self.text("reset");
        Some(RateHead {
            remaining: parse_count(&remaining),
            reset_in: reset.and_then(|reset| parse_reset(&reset, || self.dates("reset", wall))),
        })
    }

    /// The dates by which the header `name` is understood.
    fn dates(self, name: &str, wall: f64) -> Dates {
        let date = date_in(self.0, "date");
        Dates { header: date_in(self.0, name), now: if date.is_nan() { wall } else { date } }
    }

    /// How long the server asks to be left alone: by its header, else by the body's `retryAfter` (seconds).
    fn asked(self, body: Value, wall: f64) -> Option<Millis> {
        let header = self.text("retryAfter");
        header.and_then(|header| parse_retry_after(&header, || self.dates("retryAfter", wall))).or_else(|| {
            let seconds = body.get("retryAfter").number();
            (seconds >= 0.0).then(|| Millis::from_secs(seconds))
        })
    }

    /// The failure that a reply with another status than 2xx stands for.
    #[must_use]
    pub fn failure(self, effect: Effect, wall: f64) -> Failure {
        let status = self.status();
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
        failure.retry_after = self.asked(body, wall);
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
