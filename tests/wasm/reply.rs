//! What a reply means, as the shell takes it apart: the failure that it stands for, and what it says of its rate limit.

use super::held::{held, shown};
use super::host::{is_lamina_error, ScriptedHost};
use super::js::{get, js, json, parsed, text};
use lamina_wasm::core::retry::{Effect, Outcome};
use lamina_wasm::core::time::Millis;
use lamina_wasm::host::failure::Failure;
use lamina_wasm::host::reply::Reply;
use serde_json::{json, Value};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;

/// 2026-03-23T12:22:40Z, by our clock and as a server writes it; and half a minute later.
const WALL: f64 = 1_774_268_560_000.0;
const NOW: &str = "Mon, 23 Mar 2026 12:22:40 GMT";
const IN_30_S: &str = "Mon, 23 Mar 2026 12:23:10 GMT";

/// On a host of its own.
fn reply(members: &Value) -> Reply {
    ScriptedHost::installed();
    Reply(held(&parsed(members)))
}

fn failure_of(reply: Reply, effect: Effect) -> Failure {
    reply.failure(reply.head().status, effect)
}

/// The error of a reply to a read, as its user sees it.
fn error_of(reply: Reply, effect: Effect) -> JsValue {
    let error = shown(&failure_of(reply, effect));
    assert!(is_lamina_error(&error) && error.is_instance_of::<js_sys::Error>());
    error
}

fn seen(members: &Value, effect: Effect) -> Value {
    let mut error = json(&error_of(reply(members), effect));
    error.as_object_mut().unwrap().retain(|name, _| !matches!(name.as_str(), "name" | "attempts"));
    error
}

#[test]
fn a_status_with_a_text_in_error_is_the_documented_code() {
    let table = [
        (400, "Invalid inputs", "VALIDATION_ERROR", false),
        (401, "Invalid API key", "AUTH_INVALID_KEY", false),
        (401, "Missing API key", "AUTH_MISSING_KEY", false),
        (402, "Pay", "API_ERROR", false),
        (403, "Workspace header does not match API key workspace scope", "FORBIDDEN", false),
        (404, "App not found", "NOT_FOUND", false),
        (408, "Late", "API_ERROR", true),
        (409, "Conflict", "API_ERROR", false),
        (418, "Teapot", "API_ERROR", false),
        (422, "Unknown parameter", "VALIDATION_ERROR", false),
        (429, "Slow down", "RATE_LIMITED", true),
        (500, "Unexpected", "INTERNAL_ERROR", true),
        (503, "Down", "RESOURCE_UNAVAILABLE", true),
        (504, "Gateway time-out", "INTERNAL_ERROR", true),
    ];
    for (status, message, code, retryable) in table {
        let expected = json!({ "code": code, "message": message, "status": status, "retryable": retryable });
        assert_eq!(seen(&json!({ "status": status, "body": { "error": message } }), Effect::Safe), expected);
    }
}

#[test]
fn the_codes_of_v1_are_taken_as_they_are_with_all_that_comes_along() {
    let details = json!([{ "parameter": "Front", "code": "invalid_url" }]);
    let body = json!({
        "error": "Too many requests", "code": "RATE_LIMITED", "retryable": true, "retryAfter": 2.5, "requestId": "req-1",
        "details": details, "unknown": 1,
    });
    let expected = json!({
        "code": "RATE_LIMITED", "message": "Too many requests", "status": 429, "retryable": true, "retryAfterMs": 2500,
        "requestId": "req-1", "details": details,
    });
    assert_eq!(seen(&json!({ "status": 429, "body": body }), Effect::Safe), expected);
    for code in ["AUTH_INVALID_CONTEXT", "WEBHOOK_INVALID_URL", "WEBHOOK_INVALID_SECRET", "AUTH_FAILED"] {
        let error = seen(&json!({ "status": 400, "body": { "error": "x", "code": code } }), Effect::Safe);
        assert_eq!(error["code"], code);
    }
}

#[test]
fn a_code_that_a_server_may_not_say_is_not_believed() {
    for code in
        [json!("INTERNAL_PANIC"), json!("TIMEOUT"), json!("rate_limited"), json!(""), json!(7), json!(null), json!({})]
    {
        let error = seen(&json!({ "status": 404, "body": { "error": "No", "code": code } }), Effect::Safe);
        assert_eq!(error["code"], "NOT_FOUND", "{code}");
    }
}

#[test]
fn a_start_is_called_safe_to_repeat_only_where_it_was_refused_before_any_work() {
    let table = [
        (429, json!({}), true),
        (429, json!({ "retryable": false }), true),
        (503, json!({ "code": "RESOURCE_UNAVAILABLE" }), true),
        (500, json!({ "code": "AUTH_FAILED" }), true),
        (500, json!({ "code": "RESOURCE_UNAVAILABLE", "retryable": true }), false),
        (503, json!({ "retryable": true }), false),
        (503, json!({}), false),
        (408, json!({ "retryable": true }), false),
        (400, json!({ "retryable": true }), false),
    ];
    for (status, body, expected) in table {
        assert_eq!(
            seen(&json!({ "status": status, "body": body }), Effect::Start)["retryable"],
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn of_a_read_the_server_says_whether_it_may_be_repeated() {
    for (status, said, expected) in [(400, json!(true), true), (503, json!(false), false), (503, json!("no"), true)] {
        let body = json!({ "error": "x", "retryable": said });
        assert_eq!(seen(&json!({ "status": status, "body": body }), Effect::Safe)["retryable"], expected);
    }
}

#[test]
fn a_message_is_what_the_server_wrote_for_people() {
    let long = "\u{e4}".repeat(300);
    let table = [
        (json!({ "body": { "error": "one", "message": "two" } }), "one".to_owned()),
        (json!({ "body": { "message": "two" } }), "two".to_owned()),
        (json!({ "body": { "error": "", "message": "two" } }), "two".to_owned()),
        (json!({ "body": { "error": { "code": 1 }, "message": "two" } }), "two".to_owned()),
        (json!({ "text": "Too many requests, slow down.\n" }), "Too many requests, slow down.".to_owned()),
        (json!({ "text": long }), format!("{}\u{2026}", "\u{e4}".repeat(200))),
        (json!({ "text": "<!doctype html><title>502</title>" }), "HTTP status 418".to_owned()),
        (json!({ "text": "  <html>" }), "HTTP status 418".to_owned()),
        (json!({ "text": "{\"error\": \"cut o" }), "HTTP status 418".to_owned()),
        (json!({ "text": "[1, 2" }), "HTTP status 418".to_owned()),
        (json!({ "text": " \n" }), "HTTP status 418".to_owned()),
        (json!({ "body": null }), "HTTP status 418".to_owned()),
        (json!({ "body": [] }), "HTTP status 418".to_owned()),
        (json!({ "body": 5 }), "HTTP status 418".to_owned()),
        (json!({ "body": { "error": 5, "message": ["x"] } }), "HTTP status 418".to_owned()),
        (json!({}), "HTTP status 418".to_owned()),
    ];
    for (mut members, message) in table {
        members["status"] = json!(418);
        assert_eq!(seen(&members, Effect::Safe)["message"], message, "{members}");
    }
}

#[test]
fn the_pause_comes_from_the_header_and_else_from_the_body() {
    let table = [
        (json!({ "retryAfter": "3" }), Some(3_000.0)),
        (json!({ "retryAfter": "1.5" }), Some(1_500.0)),
        (json!({ "retryAfter": "0" }), Some(0.0)),
        (json!({ "retryAfter": IN_30_S }), Some(30_000.0)),
        (json!({ "retryAfter": IN_30_S, "date": IN_30_S }), Some(0.0)),
        (json!({ "retryAfter": IN_30_S, "date": NOW }), Some(30_000.0)),
        (json!({ "retryAfter": "3", "body": { "retryAfter": 9 } }), Some(3_000.0)),
        (json!({ "retryAfter": "soon", "body": { "retryAfter": 9 } }), Some(9_000.0)),
        (json!({ "body": { "retryAfter": 0 } }), Some(0.0)),
        (json!({ "body": { "retryAfter": 0.25 } }), Some(250.0)),
        (json!({ "body": { "retryAfter": -1 } }), None),
        (json!({ "body": { "retryAfter": "9" } }), None),
        (json!({ "body": { "retryAfter": null } }), None),
        (json!({ "retryAfter": "-3" }), None),
        (json!({}), None),
    ];
    for (mut members, expected) in table {
        members["status"] = json!(429);
        let failure = failure_of(reply(&members), Effect::Safe);
        assert_eq!(failure.retry_after.map(Millis::get), expected, "{members}");
        let shown = get(&error_of(reply(&members), Effect::Safe), "retryAfterMs");
        assert_eq!(shown.as_f64(), expected, "{members}");
    }
}

/// The pause of a reply with this `Retry-After`, sent at the very beginning of 1970: the header's own time.
fn date(header: &str) -> Option<f64> {
    let members = json!({ "status": 503, "date": "Thu, 01 Jan 1970 00:00:00 GMT", "retryAfter": header });
    failure_of(reply(&members), Effect::Safe).retry_after.map(Millis::get)
}

#[test]
fn an_http_date_is_read_in_all_of_its_formats_and_never_by_the_hosts_own_zone() {
    ScriptedHost::installed();
    let table = [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000.0),
        ("  Sun, 06 Nov 1994 08:49:37 GMT ", 784_111_777_000.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777_000.0),
        ("Sun Nov  6 08:49:37 1994", 784_111_777_000.0),
        ("Sun Nov 06 08:49:37 1994", 784_111_777_000.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Wed, 31 Dec 1969 23:59:59 GMT", 0.0),
        ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600_000.0),
        ("Mon, 23 Mar 2026 12:22:40 GMT", WALL),
        ("Thursday, 01-Jan-70 00:00:00 GMT", 0.0),
        ("Tuesday, 31-Dec-69 00:00:00 GMT", 3_155_673_600_000.0),
        ("Thu Jan  1 00:00:00 1970", 0.0),
        ("Fri Dec 31 23:59:59 9999", 253_402_300_799_000.0),
    ];
    for (header, expected) in table {
        assert_eq!(date(header), Some(expected), "{header}");
    }
}

#[test]
fn what_is_no_http_date_is_as_if_it_were_not_there() {
    ScriptedHost::installed();
    let table = [
        "",
        ",",
        "Sun",
        "Sun,",
        "Sun, 06 Nov 1994",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 PST",
        "Sun, 06 Nov 1994 08:49:37 GMT+1",
        "Sun, 06 Nov 1994 08:49:37 GMT GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 25:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:60 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 2026 08:49:37 GMT",
        "Sun, 29 Feb 2025 08:49:37 GMT",
        "Sunday, 31-Nov-94 08:49:37 GMT",
        "Sun Nov 31 08:49:37 1994",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT",
        "Sun, 06 ovD 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun Nov  6 08:49:37 94",
        "Sun Nov   08:49:37 1994",
        "Sun Nov  6 08:49:37 GMT 1994",
        "1994-11-06T08:49:37Z",
        "1994-11-06",
        "Nov 6 1994",
    ];
    for header in table {
        assert_eq!(date(header), None, "{header}");
    }
    let junk = json!({ "status": 503, "date": "2026-03-23", "retryAfter": IN_30_S });
    let failure = failure_of(reply(&junk), Effect::Safe);
    assert_eq!(failure.retry_after, Some(Millis::new(30_000.0)), "our own clock counts");
}

#[test]
fn the_name_of_the_request_comes_from_the_body_and_else_from_the_header() {
    let request_id = |members: &Value| seen(members, Effect::Safe)["requestId"].clone();
    assert_eq!(request_id(&json!({ "status": 500, "requestId": "head" })), "head");
    assert_eq!(request_id(&json!({ "status": 500, "requestId": "head", "body": { "requestId": "body" } })), "body");
    assert_eq!(request_id(&json!({ "status": 500, "requestId": "head", "body": { "requestId": 7 } })), "head");
    assert_eq!(request_id(&json!({ "status": 500 })), Value::Null);
}

#[test]
fn a_redirect_is_an_invalid_response_whether_or_not_the_host_shows_it() {
    for status in [0, 300, 301, 302, 303, 304, 307, 308, 399] {
        let members = json!({ "status": status, "body": { "error": "Moved", "code": "NOT_FOUND" } });
        let error = error_of(reply(&members), Effect::Safe);
        assert_eq!((text(&error, "code").as_str(), get(&error, "retryable")), ("INVALID_RESPONSE", false.into()));
        assert!(text(&error, "message").contains("redirect"));
        let shown = get(&error, "status");
        assert_eq!(shown.as_f64(), (status != 0).then_some(f64::from(status)), "{status}");
        let outcome = failure_of(reply(&members), Effect::Safe).outcome;
        assert!(matches!(outcome, Some(Outcome::Status { refused_before_work: false, .. })), "a wait ends by it");
    }
}

#[test]
fn what_is_no_response_at_all_is_an_invalid_response() {
    let error = error_of(reply(&json!({ "status": 1 })), Effect::Safe);
    assert_eq!(text(&error, "code"), "INVALID_RESPONSE");
    assert!(text(&error, "message").contains("`fetch`"));
    assert!(get(&error, "status").is_undefined());
}

#[test]
fn a_body_that_throws_when_it_is_read_is_a_body_without_members() {
    let table = [
        "{ get error() { throw new Error('no'); }, get code() { throw 1; }, get details() { throw 1; } }",
        "new Proxy({}, { get() { throw new Error('no'); } })",
        "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
        "Symbol('body')",
        "10n",
        "() => {}",
    ];
    for body in table {
        ScriptedHost::installed();
        let reply = Reply(held(&js(&format!("{{ status: 503, body: {body} }}"))));
        let error = error_of(reply, Effect::Safe);
        assert_eq!(text(&error, "code"), "RESOURCE_UNAVAILABLE", "{body}");
        assert_eq!(text(&error, "message"), "HTTP status 503", "{body}");
    }
}

#[test]
fn details_are_the_servers_own_object() {
    let body = js("{ error: 'No', details: { list: [1, { deep: 'x' }] } }");
    let details = get(&body, "details");
    let reply = js("{ status: 400 }");
    js_sys::Reflect::set(&reply, &"body".into(), &body).unwrap();
    ScriptedHost::installed();
    let error = error_of(Reply(held(&reply)), Effect::Safe);
    assert!(super::host::same(&get(&error, "details"), &details));
}

#[test]
fn the_rate_head_is_read_in_every_form_that_servers_use() {
    let table = [
        (json!({}), None),
        (json!({ "reset": "30" }), None),
        (json!({ "remaining": "99" }), Some((Some(99), None))),
        (json!({ "remaining": "99, 100;w=60", "reset": "30" }), Some((Some(99), Some(30_000.0)))),
        (json!({ "remaining": "0", "reset": "1774268590" }), Some((Some(0), Some(30_000.0)))),
        (json!({ "remaining": "0", "reset": "1774268590500" }), Some((Some(0), Some(30_500.0)))),
        (json!({ "remaining": "0", "reset": IN_30_S }), Some((Some(0), Some(30_000.0)))),
        (json!({ "remaining": "0", "reset": IN_30_S, "date": IN_30_S }), Some((Some(0), Some(0.0)))),
        (json!({ "remaining": "many", "reset": "30" }), Some((None, Some(30_000.0)))),
        (json!({ "remaining": "5", "reset": "soon" }), Some((Some(5), None))),
    ];
    for (mut members, expected) in table {
        members["status"] = json!(200);
        let head = reply(&members).head();
        assert_eq!(head.status, 200);
        let found = head.rate.map(|head| (head.remaining, head.reset_in.map(Millis::get)));
        assert_eq!(found, expected, "{members}");
    }
}
