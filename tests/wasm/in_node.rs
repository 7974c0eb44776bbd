//! What only Node has: an environment, and realms without a window.
#![allow(clippy::unwrap_used, clippy::disallowed_macros, reason = "a test fails by panicking")]

use crate::wasm::js::{js, text};
use crate::wasm::live::Live;
use js_sys::Object;
use lamina_wasm::client::operations::Operation;
use lamina_wasm::host::bindings;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test as test;

const FETCH: &str =
    "async (url, init) => Response.json({ data: { executionId: url, status: init.headers['x-api-key'] } })";

#[test]
async fn the_key_and_the_url_come_from_the_environment() {
    js("Object.assign(process.env, { LAMINA_API_KEY: 'from-environment', LAMINA_BASE_URL: 'https://env.example' })");
    let live = Live::new(js(&format!("{{ fetch: {FETCH} }}")));
    assert!(!bindings::in_page());
    assert_eq!(bindings::env("LAMINA_API_KEY").text().as_deref(), Some("from-environment"));
    let execution = live.call(Operation::GetExecution, "e", "{}").await.unwrap();
    js("delete process.env.LAMINA_API_KEY && delete process.env.LAMINA_BASE_URL");
    assert_eq!(text(&execution, "status"), "from-environment");
    assert_eq!(text(&execution, "executionId"), "https://env.example/api/executions/e");
    assert!(bindings::env("LAMINA_API_KEY").is_undefined());
    js("process.env.LAMINA_API_KEY = ''");
    assert!(bindings::env("LAMINA_API_KEY").is_undefined(), "what is empty is not set");
    js("delete process.env.LAMINA_API_KEY");
}

#[test]
async fn options_a_fetch_and_a_reply_of_another_realm_are_as_good_as_our_own() {
    let code = "({ apiKey: 'k', fetch: async () => ({ status: 200, text: async () => '{\"data\":{\"executionId\":\"e\",\"status\":\"queued\"}}' }) })";
    let options = js(&format!("process.getBuiltinModule('node:vm').runInNewContext({code:?})"));
    assert!(!options.is_instance_of::<Object>(), "another realm's");
    let execution = Live::new(options).call(Operation::GetExecution, "e", "{}").await.unwrap();
    assert_eq!(text(&execution, "status"), "queued");
}
