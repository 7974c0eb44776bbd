//! Calls from their start to their end: what is sent, what comes back, and what is tried again.

use super::held::{answer, fail};
use super::host::{same, Lamina, KEY};
use super::js::{get, js, json, parsed, text};
use lamina_wasm::client::operations::Operation;
use serde_json::{json, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

const QUEUED: &str = include_str!("../fixtures/f07-execution-queued.json");

fn ok(data: &Value) -> Value {
    json!({ "status": 200, "body": { "data": data } })
}

fn status(status: u16) -> Value {
    json!({ "status": status, "body": { "error": "No" } })
}

/// `execute("a", { Style: "x" })`
fn execute(lamina: &Lamina, options: &str) -> u32 {
    lamina.start(Operation::Execute, &"a".into(), &js("{ Style: 'x' }"), &js(options))
}

#[test]
fn each_operation_is_one_request_and_resolves_to_what_its_reply_holds() {
    let execution = json!({ "executionId": "e", "status": "queued" });
    let app = json!({ "appId": "a", "parameters": [] });
    let workflow = json!({ "nodes": [], "edges": [] });
    let table = [
        (
            Operation::ListApps,
            "undefined",
            "{ search: 'a b', limit: 5 }",
            "/api/apps?search=a%20b&limit=5",
            json!([{ "appId": "a" }]),
        ),
        (Operation::GetApp, "'a/b'", "null", "/api/apps/a%2Fb", app),
        (Operation::GetWorkflow, "'a'", "{}", "/api/apps/a/workflow", workflow),
        (Operation::GetExecution, "'e'", "undefined", "/api/executions/e", execution),
    ];
    for (operation, subject, options, path, data) in table {
        let lamina = Lamina::new("");
        let call = lamina.start(operation, &js(subject), &JsValue::UNDEFINED, &js(options));
        let sent = lamina.host.sent();
        let headers = json!({ "accept": "application/json", "x-api-key": KEY });
        let url = format!("https://app.uselamina.ai{path}");
        assert_eq!(sent, [json!({ "call": call, "method": "GET", "url": url, "headers": headers, "at": 0 })]);
        lamina.reply(call, &ok(&data));
        assert_eq!(json(&lamina.host.resolved(call)), data);
    }
}

#[test]
fn a_start_carries_the_inputs_exactly_and_the_webhook_in_its_query() {
    let lamina = Lamina::new("apiVersion: 'v1'");
    let inputs = js("{ 'Model  Ethnicity': 'Asian', 'Model Body type': 'Standard ', 'e\u{e9}\u{1f600}': '' }");
    let options = js("{ webhook: new URL('https://me.example/hook?x=1') }");
    let call = lamina.start(Operation::Execute, &"a".into(), &inputs, &options);
    let sent = &lamina.host.sent()[0];
    assert_eq!((&sent["method"], &sent["headers"]["content-type"]), (&json!("POST"), &json!("application/json")));
    assert_eq!(sent["url"], "https://app.uselamina.ai/v1/apps/a/runs?webhook=https%3A%2F%2Fme.example%2Fhook%3Fx%3D1");
    let body: Value = serde_json::from_str(sent["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, json!({ "inputs": json(&inputs) }));
    lamina.reply(call, &json!({ "status": 202, "body": { "data": { "runId": "r", "status": "queued" } } }));
    assert_eq!(json(&lamina.host.resolved(call)), json!({ "runId": "r", "executionId": "r", "status": "queued" }));
}

#[test]
fn the_labels_of_the_outputs_that_are_wanted_go_to_v1_only() {
    let outputs = js("{ outputs: ['hero', 'Life  style '] }");
    for version in ["api", "v1-executions"] {
        let lamina = Lamina::new(&format!("apiVersion: '{version}'"));
        let call = lamina.start(Operation::Execute, &"a".into(), &js("{}"), &outputs);
        assert_eq!(text(&lamina.host.rejected(call), "code"), "UNSUPPORTED");
    }
    let lamina = Lamina::new("apiVersion: 'v1'");
    for wrong in ["'hero'", "[]", "{}", "[5]", "['']", "[null]"] {
        let call = lamina.start(Operation::Execute, &"a".into(), &js("{}"), &js(&format!("{{ outputs: {wrong} }}")));
        assert_eq!(text(&lamina.host.rejected(call), "code"), "INVALID_ARGUMENT", "{wrong}");
    }
    lamina.start(Operation::Execute, &"a".into(), &js("{ Style: 'x' }"), &outputs);
    let body = lamina.host.sent()[0]["body"].clone();
    let body: Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
    assert_eq!(body, json!({ "inputs": { "Style": "x" }, "outputs": ["hero", "Life  style "] }));
}

#[test]
fn what_a_documented_reply_holds_reaches_the_user_untouched() {
    let lamina = Lamina::new("");
    let body: Value = serde_json::from_str(QUEUED).unwrap();
    let reply = parsed(&json!({ "status": 200, "body": body }));
    let call = lamina.look("{}");
    answer(call, &reply);
    let resolved = lamina.host.resolved(call);
    assert!(same(&resolved, &get(&get(&reply, "body"), "data")));
    assert_eq!(json(&resolved), body["data"]);
}

#[test]
fn bad_arguments_reject_at_once_and_nothing_is_sent() {
    let lamina = Lamina::new("");
    let table = [
        (Operation::GetApp, "''", "undefined", "{}"),
        (Operation::GetExecution, "'..'", "undefined", "{}"),
        (Operation::Execute, "'a\\ud800'", "{}", "{}"),
        (Operation::Execute, "'a'", "null", "{}"),
        (Operation::Execute, "'a'", "['x']", "{}"),
        (Operation::Execute, "'a'", "{ x: 10n }", "{}"),
        (Operation::Execute, "'a'", "{ x: NaN }", "{}"),
        (Operation::Execute, "'a'", "{ x: () => {} }", "{}"),
        (Operation::Execute, "'a'", "{ x: Promise.resolve('x') }", "{}"),
        (Operation::Execute, "'a'", "{ x: new Uint8Array(1) }", "{}"),
        (Operation::Execute, "'a'", "(() => { const x = {}; x.x = x; return x; })()", "{}"),
        (Operation::Execute, "'a'", "{ get x() { throw new Error('no'); } }", "{}"),
        (Operation::Execute, "'a'", "{ x: { toJSON() { throw new Error('no'); } } }", "{}"),
        (Operation::Execute, "'a'", "{}", "{ webhook: 'me.example' }"),
        (Operation::Execute, "'a'", "{}", "{ webhook: 'ftp://me.example' }"),
        (Operation::ListApps, "undefined", "undefined", "{ limit: 0 }"),
        (Operation::ListApps, "undefined", "undefined", "'a'"),
        (Operation::Wait, "{}", "undefined", "{}"),
        (Operation::Wait, "{ get executionId() { throw 1; } }", "undefined", "{}"),
        (Operation::Wait, "'e'", "undefined", "{ pollIntervalMs: 0 }"),
    ];
    for (operation, subject, inputs, options) in table {
        let call = lamina.start(operation, &js(subject), &js(inputs), &js(options));
        let error = lamina.host.rejected(call);
        assert_eq!(text(&error, "code"), "INVALID_ARGUMENT", "{operation:?} {subject} {inputs} {options}");
        assert_eq!(get(&error, "attempts"), 0);
    }
    assert_eq!((lamina.host.sent().len(), lamina.host.timers_set()), (0, 0));
}

#[test]
fn bad_client_options_reject_every_call_alike() {
    let lamina = Lamina::new("timeoutMs: -1");
    for _ in 0..2 {
        let error = lamina.host.rejected(lamina.look("{}"));
        assert!(text(&error, "message").starts_with("`timeoutMs` must be "));
    }
    let lamina = Lamina::new("get auth() { throw new RangeError('mine'); }");
    for _ in 0..2 {
        assert_eq!(text(&get(&lamina.host.rejected(lamina.look("{}")), "cause"), "message"), "mine");
    }
}

#[test]
fn a_read_is_tried_again_after_growing_pauses_and_a_start_is_not() {
    let lamina = Lamina::new("");
    let call = lamina.look("{}");
    for pause in [375.0, 750.0, 1_500.0] {
        lamina.reply(call, &status(503));
        let before = lamina.host.sent().len();
        lamina.host.pass(pause - 1.0);
        assert_eq!(lamina.host.sent().len(), before);
        lamina.host.pass(1.0);
        assert_eq!(lamina.host.sent().len(), before + 1);
    }
    lamina.reply(call, &status(502));
    let error = lamina.host.rejected(call);
    assert_eq!((get(&error, "attempts"), get(&error, "status")), (4.into(), 502.into()));

    let start = execute(&lamina, "{}");
    lamina.reply(start, &status(503));
    let error = lamina.host.rejected(start);
    assert_eq!((get(&error, "attempts"), get(&error, "retryable")), (1.into(), false.into()));
}

#[test]
fn a_failed_connection_is_a_network_error_with_its_cause() {
    let lamina = Lamina::new("maxRetries: 0");
    let thrown = js("Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })");
    let (look, start) = (lamina.look("{}"), execute(&lamina, "{}"));
    for (call, retryable) in [(look, true), (start, false)] {
        fail(call, &thrown);
        let error = lamina.host.rejected(call);
        assert_eq!(text(&error, "code"), "NETWORK_ERROR");
        assert_eq!(text(&error, "message"), "The request failed: fetch failed (ECONNREFUSED)");
        assert!(same(&get(&error, "cause"), &thrown));
        assert_eq!(get(&error, "retryable"), retryable);
    }
    for thrown in ["undefined", "null", "5", "Symbol('x')", "{ get message() { throw 1; } }", "Object.create(null)"] {
        let call = lamina.look("{}");
        fail(call, &js(thrown));
        assert_eq!(text(&lamina.host.rejected(call), "code"), "NETWORK_ERROR", "{thrown}");
    }
}

#[test]
fn a_limited_start_is_sent_again_when_the_server_said_and_never_sooner() {
    let lamina = Lamina::new("");
    let call = execute(&lamina, "{}");
    lamina.reply(call, &json!({ "status": 429, "retryAfter": "3" }));
    lamina.host.pass(2_999.0);
    assert_eq!(lamina.host.sent().len(), 1);
    lamina.host.pass(1.0);
    assert_eq!(lamina.host.sent().len(), 2);
    lamina.reply(call, &ok(&json!({ "executionId": "e", "status": "queued" })));
    lamina.host.resolved(call);
}

#[test]
fn a_pause_that_is_longer_than_allowed_rejects_at_once_with_what_the_server_said() {
    let lamina = Lamina::new("maxRetryAfterMs: 5000");
    let call = lamina.look("{}");
    lamina.reply(call, &json!({ "status": 429, "body": { "error": "Slow down", "retryAfter": 5.001 } }));
    let error = lamina.host.rejected(call);
    assert_eq!((text(&error, "code"), text(&error, "message")), ("RATE_LIMITED".into(), "Slow down".into()));
    assert_eq!(get(&error, "retryAfterMs"), 5_001);
}

#[test]
fn the_message_of_a_server_is_shown_without_the_key_in_it() {
    let lamina = Lamina::new("maxRetries: 0");
    let call = lamina.look("{}");
    lamina.reply(call, &json!({ "status": 401, "body": { "error": format!("The key {KEY} was revoked") } }));
    assert_eq!(text(&lamina.host.rejected(call), "message"), "The key *** was revoked");
}

#[test]
fn a_client_that_is_closed_lets_its_calls_go_on() {
    let lamina = Lamina::new("");
    let call = lamina.look("{}");
    lamina.close();
    lamina.reply(call, &status(503));
    lamina.host.pass(375.0);
    lamina.reply(call, &ok(&json!({ "executionId": "e", "status": "queued" })));
    lamina.host.resolved(call);
}
