//! What only a page has: an origin with a server, a window with other realms in it, and readers of its keys.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_macros,
    reason = "a test fails by panicking"
)]

use crate::wasm::js::{get, js, json, text};
use crate::wasm::live::{exchange, Live};
use gloo_net::http::Request;
use lamina_wasm::client::operations::Operation;
use lamina_wasm::host::bindings;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Served by the page's own origin, with all of this repository.
const QUEUED: &str = "/tests/fixtures/f07-execution-queued.json";

/// What another client gets under `path`: the status and the body.
async fn by_gloo(path: &str) -> (u16, String) {
    let response = Request::get(path).send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

async fn by_exchange(path: &str) -> JsValue {
    exchange(&js("fetch"), path, &js("{ method: 'GET', headers: {}, redirect: 'manual' }")).await.unwrap()
}

#[test]
async fn json_of_the_pages_own_server_is_read_as_another_client_reads_it() {
    let (status, body) = by_gloo(QUEUED).await;
    let reply = by_exchange(QUEUED).await;
    assert_eq!(get(&reply, "status"), f64::from(status));
    assert_eq!(json(&get(&reply, "body")), serde_json::from_str::<Value>(&body).unwrap());
}

#[test]
async fn a_page_of_the_server_is_a_text_of_which_the_beginning_is_kept() {
    let (status, body) = by_gloo("/").await;
    let reply = by_exchange("/").await;
    assert_eq!(get(&reply, "status"), f64::from(status));
    assert!(get(&reply, "body").is_undefined());
    assert_eq!(text(&reply, "text"), body.chars().take(1_000).collect::<String>());
}

#[test]
async fn a_call_through_a_proxy_of_the_pages_origin_needs_no_key() {
    let live = Live::new(js(&format!("{{ proxyUrl: '/api/lamina', fetch: (url, init) => fetch('{QUEUED}', init) }}")));
    let execution = live.call(Operation::GetExecution, "e", "{}").await.unwrap();
    let (_, body) = by_gloo(QUEUED).await;
    assert_eq!(json(&execution), serde_json::from_str::<Value>(&body).unwrap()["data"]);
}

#[test]
async fn what_the_pages_server_refuses_is_the_error_of_its_status() {
    let (status, _) = by_gloo("/no/such/api/executions/e").await;
    assert_eq!(status, 404);
    let error = Live::new(js("{ proxyUrl: '/no/such' }")).rejection("{}").await;
    assert_eq!((text(&error, "code"), get(&error, "status")), ("NOT_FOUND".into(), 404.into()));
}

#[test]
async fn a_key_in_a_page_is_refused_before_anything_is_sent() {
    let live = Live::new(js("{ apiKey: 'k', fetch: () => { throw new Error('sent'); } }"));
    assert!(bindings::in_page());
    let error = live.rejection("{}").await;
    assert_eq!(text(&error, "code"), "INVALID_ARGUMENT");
    assert!(text(&error, "message").contains("`proxyUrl`"));
}

#[test]
async fn options_a_fetch_and_a_response_of_another_realm_are_as_good_as_our_own() {
    let frame = js("document.body.appendChild(document.createElement('iframe'))");
    let realm = js("frames[frames.length - 1]");
    let options = "({ proxyUrl: '/api', maxRetries: 0, fetch: async () => Response.json({ data: { executionId: 'e', status: 'queued' } }) })";
    let eval = js_sys::Reflect::get(&realm, &"eval".into()).unwrap();
    let options = js_sys::Function::from(eval).call1(&JsValue::UNDEFINED, &options.into()).unwrap();
    assert!(!options.is_instance_of::<js_sys::Object>(), "another realm's");
    let execution = Live::new(options).call(Operation::GetExecution, "e", "{}").await.unwrap();
    assert_eq!(text(&execution, "status"), "queued");
    js_sys::Reflect::get(&frame, &"remove".into()).map(js_sys::Function::from).unwrap().call0(&frame).unwrap();
}
