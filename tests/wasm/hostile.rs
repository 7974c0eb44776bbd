//! Objects that throw wherever they are touched: what they throw becomes an error of the call, for an exception that crosses
//! the core ends every call in flight.

use super::held::{fail, held, shown};
use super::host::{is_lamina_error, Lamina, ScriptedHost};
use super::js::{get, js, json, text};
use super::live::Live;
use lamina_wasm::api::routes::ApiVersion;
use lamina_wasm::client::inputs;
use lamina_wasm::client::operations::Operation;
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Lists that throw: at every look, while they are gone through, in an item.
const LISTS: [&str; 4] = [
    "(() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy; })()",
    "new Proxy([], { get() { throw new Error('no'); } })",
    "Object.assign([{}], { *[Symbol.iterator]() { throw new Error('no'); } })",
    "[new Proxy({}, { get() { throw new Error('no'); } })]",
];

const REVOKED: &str = "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()";

#[test]
fn an_app_whose_parameters_throw_is_no_app() {
    ScriptedHost::installed();
    for list in &LISTS[..3] {
        let app = js(&format!("{{ parameters: {list} }}"));
        let error = shown(&inputs::report(held(&app), held(&js("{}")), ApiVersion::Api).unwrap_err());
        assert_eq!(text(&error, "code"), "INVALID_ARGUMENT", "{list}");
    }
}

#[test]
fn inputs_that_are_a_revoked_proxy_are_refused_by_the_check_and_by_the_start() {
    let lamina = Lamina::new("");
    for operation in [Operation::ValidateInputs, Operation::Execute] {
        let subject = if operation == Operation::Execute { "'a'" } else { "{ parameters: [] }" };
        for inputs in [REVOKED, LISTS[0]] {
            let call = lamina.start(operation, &js(subject), &js(inputs), &js("{}"));
            assert_eq!(text(&lamina.host.rejected(call), "code"), "INVALID_ARGUMENT", "{operation:?}");
        }
    }
    assert_eq!(lamina.host.sent().len(), 0);
}

#[test]
fn an_input_that_is_a_revoked_proxy_is_refused_by_the_check_and_by_the_start() {
    let lamina = Lamina::new("");
    let app = js("{ parameters: [{ name: 'x', type: 'text', multiple: true }] }");
    for value in [REVOKED, LISTS[0]] {
        let inputs = js(&format!("{{ x: {value} }}"));
        let call = lamina.start(Operation::ValidateInputs, &app, &inputs, &js("{}"));
        assert!(!lamina.host.is_pending(call));
        let call = lamina.start(Operation::Execute, &"a".into(), &inputs, &js("{}"));
        assert_eq!(text(&lamina.host.rejected(call), "code"), "INVALID_ARGUMENT");
    }
    assert_eq!(lamina.host.sent().len(), 0);
}

#[test]
fn the_labels_of_outputs_may_throw() {
    let lamina = Lamina::new("apiVersion: 'v1'");
    for list in LISTS {
        let options = js(&format!("{{ outputs: {list} }}"));
        let call = lamina.start(Operation::Execute, &"a".into(), &js("{}"), &options);
        assert_eq!(text(&lamina.host.rejected(call), "code"), "INVALID_ARGUMENT", "{list}");
    }
}

/// A client whose `fetch` gives a reply with this body, which nobody parsed.
fn replying(body: &str) -> Live {
    Live::new(js(&format!(
        "{{ apiKey: 'k', dangerouslyAllowBrowser: true, maxRetries: 0, fetch: () => ({{ status: 200, json: () => ({body}) }}) }}"
    )))
}

#[test]
async fn a_reply_of_a_custom_fetch_may_throw_wherever_it_is_read() {
    for list in LISTS {
        let apps = replying(&format!("{{ data: {list} }}")).call(Operation::ListApps, "", "{}").await;
        let execution = format!("{{ data: {{ executionId: 'e', status: 'queued', outputs: {list} }} }}");
        let execution = replying(&execution).call(Operation::GetExecution, "e", "{}").await;
        for error in [apps, execution].into_iter().filter_map(Result::err) {
            assert!(is_lamina_error(&error), "{list}");
            assert!(matches!(text(&error, "code").as_str(), "INVALID_RESPONSE" | "NETWORK_ERROR"), "{list}");
        }
    }
}

#[test]
async fn a_frozen_reply_of_a_custom_fetch_gets_what_its_promise_lacks() {
    let frozen = |members: &str| replying(&format!("Object.freeze({{ data: Object.freeze({{ {members} }}) }})"));
    let run = frozen("runId: 'r', status: 'queued'").call(Operation::GetExecution, "r", "{}").await.unwrap();
    assert_eq!(text(&run, "executionId"), "r");
    let done = frozen("executionId: 'e', status: 'completed'").call(Operation::Wait, "e", "{}").await.unwrap();
    assert_eq!(json(&get(&done, "outputs")), json!([]));
}

#[test]
fn what_fetch_throws_may_throw_when_its_message_is_read() {
    let lamina = Lamina::new("maxRetries: 0");
    for thrown in [REVOKED, "{ get message() { throw 1; } }", "{ message: { toString() { throw 1; } } }", "Symbol('x')"]
    {
        let call = lamina.look("{}");
        fail(call, &js(thrown));
        assert_eq!(text(&lamina.host.rejected(call), "code"), "NETWORK_ERROR", "{thrown}");
    }
}

#[test]
fn executions_and_errors_that_throw_are_told_apart_by_poll_step_all_the_same() {
    let lamina = Lamina::new("");
    let step = |observation: &str| {
        lamina.start(
            Operation::PollStep,
            &JsValue::NULL,
            &js(&format!("{{ now: 1, {observation} }}")),
            &JsValue::UNDEFINED,
        )
    };
    for observation in [format!("execution: {REVOKED}"), format!("executionId: 'e', execution: {REVOKED}")] {
        assert_eq!(text(&lamina.host.rejected(step(&observation)), "code"), "INVALID_ARGUMENT");
    }
    let next = get(&lamina.host.resolved(step(&format!("executionId: 'e', error: {REVOKED}"))), "next");
    assert_eq!(text(&next, "type"), "poll", "it is taken for a broken connection");
    for list in LISTS {
        let observation = format!("execution: {{ executionId: 'e', status: 'failed', outputs: {list} }}");
        let next = get(&lamina.host.resolved(step(&observation)), "next");
        assert_eq!(text(&get(&next, "error"), "message"), "The execution failed.", "{list}");
    }
}
