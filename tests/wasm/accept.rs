//! What each operation promises of its reply: what keeps the promise passes untouched, what breaks it is told at once.

use super::held::{held, shown, value_of};
use super::host::{same, ScriptedHost};
use super::js::{get, js, json, parsed, text};
use lamina_wasm::api::promise::Promise;
use lamina_wasm::api::routes::ApiVersion;
use lamina_wasm::client::accept::accept;
use lamina_wasm::core::retry::Outcome;
use lamina_wasm::host::reply::Reply;
use serde_json::{json, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

const VERSIONS: [ApiVersion; 3] = [ApiVersion::Api, ApiVersion::V1, ApiVersion::V1Executions];

fn reply(body: &JsValue) -> Reply {
    let reply = js("{ status: 200 }");
    js_sys::Reflect::set(&reply, &"body".into(), body).unwrap();
    Reply(held(&reply))
}

/// A body whose `data` passes, as it is.
fn passes(promise: Promise, version: ApiVersion, data: &Value) {
    ScriptedHost::installed();
    let body = parsed(&json!({ "data": data }));
    let accepted =
        accept(reply(&body), promise, version).map(value_of).unwrap_or_else(|_| panic!("{version:?} refuses {data}"));
    assert!(same(&accepted, &get(&body, "data")), "a copy");
    assert_eq!(json(&accepted), *data);
}

fn breaks(promise: Promise, version: ApiVersion, body: &JsValue) {
    ScriptedHost::installed();
    let Err(failure) = accept(reply(body), promise, version) else { panic!("{version:?} takes {body:?}") };
    assert_eq!(failure.outcome, Some(Outcome::Broken), "a wait lives on, for the next look may be whole");
    let error = shown(&failure);
    assert_eq!(text(&error, "code"), "INVALID_RESPONSE");
    assert_eq!(get(&error, "status"), 200);
    assert_eq!(get(&error, "retryable"), false);
}

#[test]
fn no_operation_takes_a_body_without_data() {
    let bodies = [
        "undefined",
        "null",
        "5",
        "'text'",
        "[]",
        "{}",
        "{ data: null }",
        "{ data: 5 }",
        "{ data: 'text' }",
        "{ data: {} }",
        "{ Data: [] }",
        "{ get data() { throw new Error('no'); } }",
    ];
    let promises = [Promise::Apps, Promise::App, Promise::Workflow, Promise::Execution];
    for body in bodies {
        for version in VERSIONS {
            promises.iter().for_each(|promise| breaks(*promise, version, &js(body)));
        }
    }
}

#[test]
fn apps_are_a_list_each_with_an_id_and_whatever_else() {
    for version in VERSIONS {
        passes(Promise::Apps, version, &json!([]));
        passes(
            Promise::Apps,
            version,
            &json!([{ "appId": "a" }, { "appId": "b", "name": null, "later": { "x": [1] } }]),
        );
        for data in [
            json!([{}]),
            json!([{ "appId": "" }]),
            json!([{ "appId": 5 }]),
            json!([null]),
            json!(["a"]),
            json!({ "0": { "appId": "a" } }),
        ] {
            breaks(Promise::Apps, version, &parsed(&json!({ "data": data })));
        }
        breaks(Promise::Apps, version, &parsed(&json!({ "data": [{ "appId": "a" }, { "name": "b" }] })));
    }
}

#[test]
fn an_app_has_an_id_and_parameters() {
    for version in VERSIONS {
        passes(Promise::App, version, &json!({ "appId": "a", "parameters": [] }));
        passes(
            Promise::App,
            version,
            &json!({ "appId": "a", "parameters": [{ "name": "Model  Ethnicity", "type": "options" }] }),
        );
        let broken = [
            json!({ "parameters": [] }),
            json!({ "appId": "", "parameters": [] }),
            json!({ "appId": "a" }),
            json!({ "appId": "a", "parameters": null }),
            json!({ "appId": "a", "parameters": {} }),
            json!({ "appId": "a", "parameters": ["Front"] }),
            json!({ "appId": "a", "parameters": [null] }),
        ];
        broken.iter().for_each(|data| breaks(Promise::App, version, &parsed(&json!({ "data": data }))));
    }
}

#[test]
fn a_parameter_without_a_name_is_one_in_the_later_versions_only() {
    let sketch = json!({ "appId": "a", "parameters": [{ "key": "prompt", "type": "text" }] });
    passes(Promise::App, ApiVersion::V1, &sketch);
    passes(Promise::App, ApiVersion::V1Executions, &sketch);
    breaks(Promise::App, ApiVersion::Api, &parsed(&json!({ "data": sketch })));
}

#[test]
fn a_workflow_is_nodes_and_edges() {
    for version in VERSIONS {
        passes(Promise::Workflow, version, &json!({ "nodes": [], "edges": [] }));
        passes(
            Promise::Workflow,
            version,
            &json!({ "nodes": [{ "id": "n" }], "edges": [{ "source": "n", "target": "m" }], "name": "x" }),
        );
        for data in [
            json!({ "nodes": [] }),
            json!({ "edges": [] }),
            json!({ "nodes": {}, "edges": [] }),
            json!({ "nodes": ["n"], "edges": [] }),
        ] {
            breaks(Promise::Workflow, version, &parsed(&json!({ "data": data })));
        }
    }
}

#[test]
fn an_execution_has_an_id_and_a_status() {
    let more = json!({ "executionId": "e", "status": "needs_more", "outputs": [{ "value": null }], "progress": { "percentComplete": null } });
    for version in VERSIONS {
        passes(Promise::Execution, version, &json!({ "executionId": "e", "status": "queued" }));
        passes(Promise::Execution, version, &json!({ "executionId": "e", "status": "queued", "outputs": null }));
        passes(Promise::Execution, version, &more);
        let broken = [
            json!({ "status": "queued" }),
            json!({ "executionId": "e" }),
            json!({ "executionId": "e", "status": "" }),
            json!({ "executionId": "e", "status": 5 }),
            json!({ "executionId": "", "status": "queued" }),
            json!({ "executionId": 5, "status": "queued" }),
            json!({ "executionId": "", "runId": "", "status": "queued" }),
            json!({ "executionId": "e", "status": "queued", "outputs": {} }),
            json!({ "executionId": "e", "status": "queued", "outputs": "none" }),
            json!({ "executionId": "e", "status": "queued", "outputs": [null] }),
            json!([{ "executionId": "e", "status": "queued" }]),
        ];
        broken.iter().for_each(|data| breaks(Promise::Execution, version, &parsed(&json!({ "data": data }))));
    }
}

#[test]
fn a_run_gets_an_execution_id_beside_its_run_id() {
    for version in VERSIONS {
        let body = parsed(&json!({ "data": { "runId": "r", "status": "queued" }, "timeout": false }));
        ScriptedHost::installed();
        let accepted = value_of(accept(reply(&body), Promise::Execution, version).unwrap());
        assert_eq!(json(&accepted), json!({ "runId": "r", "executionId": "r", "status": "queued" }));
        passes(Promise::Execution, version, &json!({ "executionId": "e", "runId": "r", "status": "queued" }));
    }
}
