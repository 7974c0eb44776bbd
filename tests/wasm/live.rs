//! The core on the shell's own host: real timers, a real `fetch`, real promises.

use super::held::{held, shown};
use super::host::{is_lamina_error, next_number, same, ScriptedHost};
use super::js::{get, js, json, text};
use gloo_net::http::Request;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise};
use lamina_wasm::client::operations::Operation;
use lamina_wasm::core::retry::Effect;
use lamina_wasm::host::reply::Reply;
use serde_json::{json, Value};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{spawn_local, JsFuture};
use wasm_bindgen_test::wasm_bindgen_test as test;

const QUEUED: &str = include_str!("../fixtures/f07-execution-queued.json");

#[wasm_bindgen(module = "/target/wasm-tests/hosts.js")]
extern "C" {
    type LiveHost;
    #[wasm_bindgen(constructor)]
    fn new(core: &JsValue) -> LiveHost;
    #[wasm_bindgen(method)]
    fn open(this: &LiveHost, id: u32, options: &JsValue) -> u32;
    #[wasm_bindgen(method)]
    fn begin(
        this: &LiveHost,
        id: u32,
        client: u32,
        client_options: &JsValue,
        subject: &str,
        inputs: &JsValue,
        options: &JsValue,
        start: &mut dyn FnMut(u32, u32, u32),
    ) -> Promise;

    #[wasm_bindgen(catch)]
    pub async fn exchange(fetch: &JsValue, url: &str, init: &JsValue) -> Result<JsValue, JsValue>;
}

/// What the host's steady clock shows.
fn now() -> f64 {
    js("performance.now()").as_f64().unwrap()
}

/// A client on a host of its own.
pub struct Live {
    host: LiveHost,
    client: u32,
    options: JsValue,
}

impl Live {
    pub fn new(options: JsValue) -> Self {
        let core = js("{}");
        let export = |name: &str, function: &JsValue| js_sys::Reflect::set(&core, &name.into(), function).unwrap();
        let answer: Box<dyn Fn(u32, u32, bool)> = Box::new(lamina_wasm::answer);
        export("answer", &Closure::wrap(answer).into_js_value());
        let arrived: Box<dyn Fn(u32, u32)> = Box::new(lamina_wasm::arrived);
        export("arrived", &Closure::wrap(arrived).into_js_value());
        let of_number = [
            ("cancel", lamina_wasm::cancel as fn(u32)),
            ("tick", lamina_wasm::tick),
            ("tickClient", lamina_wasm::tick_client),
        ];
        for (name, function) in of_number {
            let function: Box<dyn Fn(u32)> = Box::new(function);
            export(name, &Closure::wrap(function).into_js_value());
        }
        let host = LiveHost::new(&core);
        let client = next_number();
        lamina_wasm::open(client, host.open(client, &options));
        Self { host, client, options }
    }

    /// What the call resolves to, or rejects with.
    pub async fn call(&self, operation: Operation, subject: &str, options: &str) -> Result<JsValue, JsValue> {
        let call = next_number();
        let options = js(options);
        let promise = self.host.begin(
            call,
            self.client,
            &self.options,
            subject,
            &js("{}"),
            &options,
            &mut |subject, inputs, options| {
                lamina_wasm::start(call, self.client, operation as u8, subject, inputs, options, now());
            },
        );
        JsFuture::from(promise).await
    }

    /// The error that `getExecution("e", options)` rejects with.
    pub async fn rejection(&self, options: &str) -> JsValue {
        let error = self.call(Operation::GetExecution, "e", options).await.unwrap_err();
        assert!(is_lamina_error(&error), "{error:?}");
        error
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        lamina_wasm::close(self.client);
    }
}

/// A URL under which the host's own `fetch` finds `body`.
fn blob_url(body: &str, content_type: &str) -> String {
    let make = Function::new_with_args("body, type", "return URL.createObjectURL(new Blob([body], { type }))");
    make.call2(&JsValue::UNDEFINED, &body.into(), &content_type.into()).unwrap().as_string().unwrap()
}

/// Client options whose `fetch` is the global one, at another URL.
fn fetching(url: &str) -> JsValue {
    options(&format!("fetch: (_, init) => fetch('{url}', init)"))
}

#[test]
async fn what_fetch_gives_reaches_the_user_as_another_client_reads_it() {
    let url = blob_url(QUEUED, "application/json");
    let body = Request::get(&url).send().await.unwrap().text().await.unwrap();
    let execution = Live::new(fetching(&url)).call(Operation::GetExecution, "e", "{}").await.unwrap();
    assert_eq!(json(&execution), serde_json::from_str::<Value>(&body).unwrap()["data"]);
}

#[test]
async fn what_is_not_json_is_an_invalid_response() {
    for url in
        [blob_url("<!doctype html>", "text/html"), "data:,plain%20text".into(), "data:application/json,{}".into()]
    {
        let error = Live::new(fetching(&url)).rejection("{}").await;
        assert_eq!((text(&error, "code"), get(&error, "status")), ("INVALID_RESPONSE".into(), 200.into()), "{url}");
    }
}

#[test]
async fn a_connection_that_fails_is_a_network_error_with_what_fetch_threw() {
    let error = Live::new(options("baseUrl: 'http://127.0.0.1:1', maxRetries: 0")).rejection("{}").await;
    assert_eq!(text(&error, "code"), "NETWORK_ERROR");
    assert!(get(&error, "cause").is_instance_of::<js_sys::TypeError>());
}

/// Client options with these members; code in them sees them as `own`.
fn options(members: &str) -> JsValue {
    js(&format!("(() => {{ const own = {{ apiKey: 'k', dangerouslyAllowBrowser: true, {members} }}; return own; }})()"))
}

#[test]
async fn an_attempt_is_aborted_when_its_time_is_over_by_the_hosts_timer() {
    let options =
        options("fetch: (url, init) => { own.signal = init.signal; return new Promise(() => {}); }, maxRetries: 0");
    let live = Live::new(options.clone());
    let began = now();
    let error = live.rejection("{ timeoutMs: 60 }").await;
    let took = now() - began;
    assert_eq!(text(&error, "code"), "TIMEOUT");
    assert!(took >= 59.0, "{took}");
    let signal = get(&options, "signal");
    assert_eq!(get(&signal, "aborted"), true);
    assert!(is_lamina_error(&get(&signal, "reason")));
}

#[test]
async fn waits_poll_by_the_hosts_timer_and_leave_the_host_free_meanwhile() {
    let status = "++own.looks < 3 ? 'running' : 'completed'";
    let options = options(&format!(
        "looks: 0, fetch: async () => Response.json({{ data: {{ executionId: 'e', status: {status} }} }})"
    ));
    let live = Live::new(options.clone());
    let others = Rc::new(Cell::new(0));
    let counted = Rc::clone(&others);
    spawn_local(async move {
        for _ in 0..3 {
            TimeoutFuture::new(10).await;
            counted.set(counted.get() + 1);
        }
    });
    let began = now();
    let execution = live.call(Operation::Wait, "e", "{ pollIntervalMs: 40 }").await.unwrap();
    let took = now() - began;
    assert_eq!(text(&execution, "status"), "completed");
    assert!(took >= 78.0, "{took}");
    assert_eq!(get(&options, "looks"), 3);
    assert!(others.get() > 0);
}

#[test]
async fn a_call_has_one_timer_of_the_host_and_none_when_it_is_over() {
    // The host looks for its timers at each call, so that fake ones work; these count.
    js("globalThis.realTimers = { setTimeout, clearTimeout, set: new Set(), most: 0 }");
    js("globalThis.setTimeout = (job, ms) => { \
          const { set } = realTimers; \
          const id = realTimers.setTimeout.call(globalThis, () => (set.delete(id), job()), ms); \
          realTimers.most = Math.max(realTimers.most, set.add(id).size); \
          return id; }");
    js("globalThis.clearTimeout = (id) => (realTimers.set.delete(id), realTimers.clearTimeout.call(globalThis, id))");
    let reply = "Response.json({ data: { executionId: 'e', status: ++own.looks < 3 ? 'running' : 'completed' } })";
    let live = Live::new(options(&format!("looks: 0, fetch: async () => {reply}")));
    let look = live.call(Operation::GetExecution, "e", "{}").await;
    let after_look = json(&js("[realTimers.most, realTimers.set.size]"));
    let wait = live.call(Operation::Wait, "e", "{ pollIntervalMs: 5 }").await;
    let after_wait = json(&js("realTimers.set.size"));
    js("({ setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout } = realTimers)");
    assert!(look.is_ok() && wait.is_ok());
    assert_eq!((after_look, after_wait), (json!([1, 0]), json!(0)));
}

#[test]
async fn the_key_may_come_as_a_promise_and_goes_out_as_it_came() {
    let body = "{ data: { executionId: 'e', status: init.headers['x-api-key'] } }";
    let vault =
        options(&format!("apiKey: async () => 'from-a-vault', fetch: async (url, init) => Response.json({body})"));
    let execution = Live::new(vault).call(Operation::GetExecution, "e", "{}").await.unwrap();
    assert_eq!(text(&execution, "status"), "from-a-vault");
    let sealed = options("apiKey: async () => { throw new Error('sealed'); }");
    let error = Live::new(sealed).rejection("{}").await;
    assert_eq!(
        (text(&error, "code"), text(&get(&error, "cause"), "message")),
        ("AUTH_MISSING_KEY".into(), "sealed".into())
    );
}

const HEAD: &str = "{ 'Retry-After': '3', 'X-Request-Id': 'r1' }";

#[test]
async fn a_real_response_becomes_the_failure_that_it_stands_for() {
    let table = [
        (429, r#"{"error":"Slow down","code":"RATE_LIMITED"}"#, "RATE_LIMITED", "Slow down", Some(3_000.0)),
        (429, "Too many requests", "RATE_LIMITED", "Too many requests", Some(3_000.0)),
        (502, "<html>Bad gateway</html>", "INTERNAL_ERROR", "HTTP status 502", Some(3_000.0)),
        (404, "", "NOT_FOUND", "HTTP status 404", Some(3_000.0)),
        (302, "", "INVALID_RESPONSE", "The server answered with a redirect", None),
    ];
    ScriptedHost::installed();
    for (status, body, code, message, pause) in table {
        let response = format!("new Response({}, {{ status: {status}, headers: {HEAD} }})", Value::from(body));
        let fetch = js(&format!("() => {response}"));
        let reply = exchange(&fetch, "https://a.example", &js("{}")).await.unwrap();
        let reply = Reply(held(&reply));
        let error = shown(&reply.failure(reply.head().status, Effect::Safe));
        assert_eq!(text(&error, "code"), code);
        assert!(text(&error, "message").starts_with(message), "{status}");
        assert_eq!(get(&error, "retryAfterMs").as_f64(), pause);
        assert_eq!(get(&error, "requestId").as_string().as_deref(), pause.map(|_| "r1"));
    }
}

#[test]
async fn a_fetch_that_throws_at_once_or_rejects_with_anything_is_told_apart_from_a_reply() {
    for thrown in ["new Error('x')", "undefined", "{ odd: 1 }"] {
        let thrown = js(thrown);
        let options = options("maxRetries: 0, fetch: () => { throw own.thrown; }");
        js_sys::Reflect::set(&options, &"thrown".into(), &thrown).unwrap();
        let error = Live::new(options).rejection("{}").await;
        assert_eq!(text(&error, "code"), "NETWORK_ERROR");
        assert!(same(&get(&error, "cause"), &thrown));
    }
    for response in ["undefined", "5", "{}", "{ status: '200' }", "{ status: NaN }"] {
        let options = options(&format!("fetch: () => ({response})"));
        assert_eq!(text(&Live::new(options).rejection("{}").await, "code"), "INVALID_RESPONSE", "{response}");
    }
}
