//! Waits: when they look, what they show, and how they end.

use super::held::fail;
use super::host::{same, Lamina};
use super::js::{get, js, json, text};
use lamina_wasm::client::operations::Operation;
use serde_json::{json, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The reply to a look.
fn seen(status: &str) -> Value {
    json!({ "status": 200, "body": { "data": { "executionId": "e1", "status": status } } })
}

/// When each request was sent.
fn times(lamina: &Lamina) -> Vec<f64> {
    lamina.host.sent().iter().map(|sent| sent["at"].as_f64().unwrap()).collect()
}

#[test]
fn the_first_look_is_at_once_and_the_pauses_grow_with_the_executions_age() {
    let lamina = Lamina::new("");
    let call = lamina.wait("{}");
    assert_eq!(times(&lamina), [0.0]);
    for pause in [3_000.0; 10].into_iter().chain([3_000.0, 3_300.0, 3_630.0]) {
        lamina.reply(call, &seen("running"));
        let looks = lamina.host.sent().len();
        lamina.host.pass(pause - 1.0);
        assert_eq!(lamina.host.sent().len(), looks, "{pause}");
        lamina.host.pass(1.0);
        assert_eq!(lamina.host.sent().len(), looks + 1, "{pause}");
    }
}

#[test]
fn an_execution_that_was_created_long_ago_is_looked_at_less_often() {
    let lamina = Lamina::new("");
    let call = lamina.wait("{}");
    // 100 s before the scripted wall clock's start.
    let mut reply = seen("running");
    reply["body"]["data"]["createdAt"] = json!("2026-03-23T12:21:00.000Z");
    lamina.reply(call, &reply);
    assert_eq!(lamina.host.armed_for(), Some(10_000.0));
}

#[test]
fn a_number_fixes_the_pause() {
    let lamina = Lamina::new("");
    let call = lamina.wait("{ pollIntervalMs: 250 }");
    for _ in 0..3 {
        lamina.reply(call, &seen("queued"));
        lamina.host.pass(250.0);
    }
    assert_eq!(times(&lamina), [0.0, 250.0, 500.0, 750.0]);
}

#[test]
fn the_first_look_and_every_change_are_shown_and_nothing_twice() {
    let lamina = Lamina::new("");
    let call = lamina.wait("{ pollIntervalMs: 100, onUpdate: () => {} }");
    for status in ["queued", "queued", "running", "running", "new_status", "completed"] {
        lamina.reply(call, &seen(status));
        lamina.host.pass(100.0);
    }
    let updates = lamina.host.record("updates");
    let shown: Vec<&str> =
        updates.as_array().unwrap().iter().map(|update| update["execution"]["status"].as_str().unwrap()).collect();
    assert_eq!(shown, ["queued", "running", "new_status", "completed"]);
    lamina.host.resolved(call);
}

#[test]
fn the_first_look_is_shown_even_where_it_shows_what_the_wait_was_given() {
    let lamina = Lamina::new("");
    let given = js("{ executionId: 'e1', status: 'queued' }");
    let call = lamina.start(Operation::Wait, &given, &JsValue::UNDEFINED, &js("{ onUpdate: () => {} }"));
    lamina.reply(call, &seen("queued"));
    assert_eq!(lamina.host.record("updates").as_array().unwrap().len(), 1);
}

#[test]
fn a_completed_execution_resolves_with_outputs_were_it_none() {
    let lamina = Lamina::new("");
    let call = lamina.wait("{}");
    lamina.reply(call, &seen("completed"));
    let expected = json!({ "executionId": "e1", "status": "completed", "outputs": [] });
    assert_eq!(json(&lamina.host.resolved(call)), expected);
    assert_eq!(lamina.host.sent().len(), 1);
}

#[test]
fn an_execution_that_ended_badly_rejects_or_resolves_as_its_user_wants() {
    let table = [("failed", "EXECUTION_FAILED"), ("cancelled", "EXECUTION_CANCELLED")];
    for (status, code) in table {
        let lamina = Lamina::new("");
        let (throwing, resolving) = (lamina.wait("{}"), lamina.wait("{ throwOnFailure: false }"));
        let mut reply = seen(status);
        reply["body"]["data"]["errorMessage"] = json!("Because");
        lamina.reply(throwing, &reply);
        lamina.reply(resolving, &reply);
        let error = lamina.host.rejected(throwing);
        assert_eq!((text(&error, "code").as_str(), text(&error, "message").as_str()), (code, "Because"));
        assert_eq!(text(&get(&error, "execution"), "status"), status);
        assert_eq!(text(&lamina.host.resolved(resolving), "status"), status);
    }
}

#[test]
fn what_is_transient_never_ends_a_wait_before_its_time() {
    let lamina = Lamina::new("attemptTimeoutMs: 50");
    let call = lamina.wait("{ timeoutMs: 60000, pollIntervalMs: 500 }");
    lamina.reply(call, &seen("running"));
    let transient = [
        json!({ "status": 503 }),
        json!({ "status": 500, "text": "<html>" }),
        json!({ "status": 408 }),
        json!({ "status": 429, "retryAfter": "1" }),
        json!({ "status": 200, "text": "not JSON" }),
        json!({ "status": 200, "body": { "data": {} } }),
        json!({ "status": 1 }),
    ];
    for reply in &transient {
        let looks = lamina.host.sent().len();
        while lamina.host.sent().len() == looks {
            lamina.host.pass(1.0);
        }
        lamina.reply(call, reply);
        assert!(lamina.host.is_pending(call), "{reply}");
    }
    lamina.host.pass(4_000.0);
    fail(call, &js("new TypeError('fetch failed')"));
    assert!(lamina.host.is_pending(call));
    lamina.host.pass(60_000.0);
    let error = lamina.host.rejected(call);
    assert_eq!(text(&error, "code"), "WAIT_TIMEOUT");
    assert_eq!(text(&get(&error, "execution"), "status"), "running", "the last that was seen");
    assert_eq!(text(&get(&error, "cause"), "code"), "TIMEOUT");
    assert_eq!(lamina.host.armed_for(), None);
}

#[test]
fn what_will_not_pass_ends_a_wait_at_once_with_what_was_seen_before() {
    for (reply, code) in [
        (json!({ "status": 404 }), "NOT_FOUND"),
        (json!({ "status": 401 }), "AUTH_INVALID_KEY"),
        (json!({ "status": 403 }), "FORBIDDEN"),
        (json!({ "status": 400 }), "VALIDATION_ERROR"),
        (json!({ "status": 302 }), "INVALID_RESPONSE"),
        (json!({ "status": 0 }), "INVALID_RESPONSE"),
    ] {
        let lamina = Lamina::new("");
        let call = lamina.wait("{ pollIntervalMs: 100 }");
        lamina.reply(call, &seen("running"));
        lamina.host.pass(100.0);
        lamina.reply(call, &reply);
        let error = lamina.host.rejected(call);
        assert_eq!((text(&error, "code").as_str(), get(&error, "attempts")), (code, 2.into()));
        assert_eq!(text(&get(&error, "execution"), "executionId"), "e1");
    }
}

#[test]
fn a_run_starts_looks_at_once_and_forgives_a_404_for_ten_seconds() {
    let lamina = Lamina::new("");
    let run = || lamina.start(Operation::Run, &"a".into(), &js("{}"), &js("{ pollIntervalMs: 4000 }"));
    let call = run();
    lamina.reply(call, &json!({ "status": 202, "body": { "data": { "executionId": "e1", "status": "queued" } } }));
    let urls: Vec<Value> = lamina.host.sent().iter().map(|sent| sent["url"].clone()).collect();
    assert_eq!(urls, ["https://app.uselamina.ai/api/apps/a/executions", "https://app.uselamina.ai/api/executions/e1"]);
    lamina.reply(call, &json!({ "status": 404 }));
    lamina.host.pass(9_999.0);
    assert!(lamina.host.is_pending(call));
    lamina.reply(call, &seen("completed"));
    lamina.host.resolved(call);
    let call = run();
    lamina.reply(call, &json!({ "status": 202, "body": { "data": { "executionId": "e1", "status": "queued" } } }));
    lamina.host.pass(10_000.0);
    lamina.reply(call, &json!({ "status": 404 }));
    assert_eq!(text(&lamina.host.rejected(call), "code"), "NOT_FOUND");
}

#[test]
fn a_wait_may_be_given_the_execution_itself_under_either_name_of_its_id() {
    let lamina = Lamina::new("apiVersion: 'v1'");
    for subject in ["{ executionId: 'e1', status: 'queued' }", "{ runId: 'e1', status: 'queued' }", "'e1'"] {
        let subject = js(subject);
        let call = lamina.start(
            Operation::Wait,
            &subject,
            &JsValue::UNDEFINED,
            &js("{ timeoutMs: 1000, attemptTimeoutMs: 9000 }"),
        );
        assert_eq!(lamina.host.sent().pop().unwrap()["url"], "https://app.uselamina.ai/v1/runs/e1");
        lamina.host.pass(1_000.0);
        let last = get(&lamina.host.rejected(call), "execution");
        assert!(if subject.is_object() { same(&last, &subject) } else { last.is_undefined() });
    }
}

#[test]
fn a_wait_that_is_cancelled_at_any_moment_leaves_no_timer() {
    let lamina = Lamina::new("");
    let in_flight = lamina.wait("{}");
    let paused = lamina.wait("{}");
    lamina.reply(paused, &seen("running"));
    let failed = lamina.wait("{}");
    lamina.reply(failed, &json!({ "status": 503 }));
    assert!(lamina.host.armed_for().is_some());
    for call in [in_flight, paused, failed] {
        lamina.cancel(call);
        lamina.reply(call, &seen("completed"));
        assert!(lamina.host.is_pending(call), "its promise is the shell's to settle");
    }
    assert_eq!(lamina.host.armed_for(), None);
    let looks = lamina.host.sent().len();
    lamina_wasm::tick(paused);
    lamina.host.pass(60_000.0);
    assert_eq!(lamina.host.sent().len(), looks);
}

#[test]
fn a_wait_lasts_half_an_hour_unless_its_user_says_otherwise() {
    let lamina = Lamina::new("timeoutMs: 1000");
    let call = lamina.wait("{ pollIntervalMs: 600000 }");
    lamina.reply(call, &seen("running"));
    lamina.host.pass(600_000.0);
    lamina.reply(call, &seen("running"));
    lamina.host.pass(1_199_999.0);
    assert!(lamina.host.is_pending(call));
    lamina.host.pass(1.0);
    assert_eq!(text(&lamina.host.rejected(call), "code"), "WAIT_TIMEOUT");
}

#[test]
fn events_tell_of_requests_replies_and_polls_and_never_of_the_key() {
    let lamina = Lamina::new("onEvent: () => {}");
    let call = lamina.wait("{ pollIntervalMs: 100 }");
    lamina.reply(call, &seen("running"));
    lamina.host.pass(100.0);
    lamina.reply(call, &seen("completed"));
    let events = lamina.host.record("events");
    let types: Vec<&str> = events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["poll", "request", "response", "poll", "request", "response"]);
    assert!(!events.to_string().contains(super::host::KEY));
}
