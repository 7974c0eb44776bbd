//! The options of a client: what is taken, what is refused before anything is sent, and that no secret is repeated.

use super::held::{held, open, run_none_of, shown, value_of};
use super::host::{ScriptedHost, KEY};
use super::js::{get, js, json, text};
use lamina_wasm::api::routes::ApiVersion;
use lamina_wasm::client::options::{Config, Key};
use lamina_wasm::core::time::Millis;
use lamina_wasm::host::failure::Failure;
use lamina_wasm::host::value::Value as Held;
use serde_json::{json, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

fn read(options: &JsValue) -> Result<Config, Failure> {
    Config::read(held(options))
}

/// The client options that are written with these members.
fn config(members: &str) -> Config {
    read(&js(&format!("{{ apiKey: '{KEY}', {members} }}")))
        .unwrap_or_else(|failure| panic!("{members}: {:?}", failure.message.text()))
}

/// Where every path is appended to.
fn base(config: &Config) -> String {
    config.base.text().unwrap()
}

/// The key, where it is known already.
fn given_key(config: &Config) -> Option<String> {
    match config.key {
        Key::Given(key) => key.text(),
        _ => None,
    }
}

/// What a call sends whose client has these options, and which adds `extra` to them.
fn headers(options: &str, extra: &[(&str, &str)], body: bool) -> Value {
    const CLIENT: u32 = 0;
    let config = Config::read(Held::new(open(CLIENT, &js(options)))).unwrap();
    run_none_of(CLIENT);
    let key = match config.key {
        Key::Given(key) => key,
        _ => Held::UNDEFINED,
    };
    let extra: Vec<_> = extra.iter().map(|&(name, value)| (name, value.into())).collect();
    let extra = if extra.is_empty() { Held::UNDEFINED } else { Held::object(&extra) };
    json(&value_of(config.headers(key, extra, body)))
}

fn refusal_of(options: &JsValue) -> (String, String) {
    let error = shown(&read(options).unwrap_err());
    (text(&error, "code"), text(&error, "message"))
}

/// The code and the message with which these options are refused.
fn refusal(members: &str) -> (String, String) {
    refusal_of(&js(&format!("{{ {members} }}")))
}

#[test]
fn without_options_the_documented_defaults_count() {
    ScriptedHost::installed();
    let config = config("");
    assert_eq!(base(&config), "https://app.uselamina.ai");
    assert!(matches!(config.key, Key::Given(_)));
    assert!(!config.bearer && !config.on_event);
    assert_eq!(config.version, ApiVersion::Api);
    assert_eq!(config.limits.timeout, Millis::new(60_000.0));
    assert_eq!(config.limits.attempt_timeout, Millis::new(30_000.0));
    assert_eq!(config.limits.max_retries, 3);
    assert_eq!(config.max_retry_after, Millis::new(60_000.0));
    assert_eq!(config.requests_per_minute, Some(100));
}

#[test]
fn the_key_comes_from_the_options_and_else_from_the_environment() {
    let host = ScriptedHost::installed();
    host.set_environment(&js("{ LAMINA_API_KEY: 'from-environment' }"));
    assert_eq!(given_key(&config("")).as_deref(), Some(KEY));
    for members in ["{}", "{ apiKey: undefined }", "{ apiKey: null }"] {
        assert_eq!(given_key(&read(&js(members)).unwrap()).as_deref(), Some("from-environment"));
    }
    assert!(matches!(config("apiKey: () => 'later'").key, Key::Asked));
}

#[test]
fn no_key_at_all_is_auth_missing_key() {
    let host = ScriptedHost::installed();
    for members in ["", "apiKey: ''", "apiKey: undefined"] {
        assert_eq!(refusal(members).0, "AUTH_MISSING_KEY", "{members}");
    }
    host.set_environment(&js("{ LAMINA_API_KEY: '' }"));
    assert_eq!(refusal("").0, "AUTH_MISSING_KEY");
}

#[test]
fn a_key_that_no_header_holds_is_refused_and_not_repeated() {
    let host = ScriptedHost::installed();
    for key in
        ["secret\\n", "secret\\r\\nx: y", "se cret", "secret\\u0000", "s\u{e4}cret", "secret\u{1f511}", "secret\\ud800"]
    {
        let (code, message) = refusal(&format!("apiKey: '{key}'"));
        assert_eq!(code, "INVALID_ARGUMENT", "{key}");
        assert!(!message.contains("cret"), "{message}");
    }
    for key in ["5", "{}", "['secret']", "new String('secret')", "Symbol('secret')"] {
        assert!(refusal(&format!("apiKey: {key}")).1.starts_with("`apiKey` must be "), "{key}");
    }
    host.set_environment(&js("{ LAMINA_API_KEY: 'se cret' }"));
    assert_eq!(refusal("").0, "INVALID_ARGUMENT");
}

#[test]
fn in_a_page_a_key_needs_to_be_allowed_wherever_it_comes_from() {
    let host = ScriptedHost::installed();
    host.set_page(true);
    let (code, message) = refusal(&format!("apiKey: '{KEY}'"));
    assert_eq!(code, "INVALID_ARGUMENT");
    assert!(message.contains("`proxyUrl`") && !message.contains(KEY));
    assert_eq!(refusal("apiKey: () => 'k'").0, "INVALID_ARGUMENT");
    assert_eq!(refusal("").0, "AUTH_MISSING_KEY");
    assert!(given_key(&config("dangerouslyAllowBrowser: true")).is_some());
    assert!(read(&js("{ proxyUrl: '/api/lamina' }")).is_ok());
    host.set_environment(&js(&format!("{{ LAMINA_API_KEY: '{KEY}' }}")));
    assert_eq!(refusal("").0, "INVALID_ARGUMENT");
}

#[test]
fn a_base_url_keeps_its_path_and_loses_its_last_slash() {
    let host = ScriptedHost::installed();
    let table = [
        ("'https://a.example'", "https://a.example"),
        ("'https://a.example/x/y/'", "https://a.example/x/y"),
        ("new URL('https://A.example:8443/')", "https://a.example:8443"),
        ("'http://localhost:3000'", "http://localhost:3000"),
        ("'http://127.1:3000'", "http://127.0.0.1:3000"),
        ("'http://[::1]'", "http://[::1]"),
    ];
    for (url, expected) in table {
        assert_eq!(base(&config(&format!("baseUrl: {url}"))), expected);
    }
    assert_eq!(base(&config("baseUrl: 'http://a.example', allowInsecureHttp: true")), "http://a.example");
    host.set_environment(&js("{ LAMINA_BASE_URL: 'https://env.example/' }"));
    assert_eq!(base(&config("")), "https://env.example");
    assert_eq!(base(&config("baseUrl: 'https://a.example'")), "https://a.example");
    host.set_environment(&js("{ LAMINA_BASE_URL: '' }"));
    assert_eq!(base(&config("")), "https://app.uselamina.ai");
}

#[test]
fn a_url_that_a_key_must_not_go_to_is_refused_and_not_repeated() {
    ScriptedHost::installed();
    let table = [
        "'http://a.example'",
        "'http://127.0.0.1.example'",
        "'ftp://a.example'",
        "'javascript:alert(1)'",
        "'data:,x'",
        "'https://user:secret@a.example'",
        "'https://a.example/?secret'",
        "'https://a.example/#secret'",
        "'a.example'",
        "'/path'",
        "''",
        "5",
        "{}",
        "{ toString() { throw new Error('secret'); } }",
    ];
    for url in table {
        let (code, message) = refusal(&format!("apiKey: 'k', baseUrl: {url}"));
        assert_eq!(code, "INVALID_ARGUMENT", "{url}");
        assert!(message.starts_with("`baseUrl` must ") && !message.contains("secret"), "{message}");
    }
}

#[test]
fn a_proxy_takes_the_place_of_base_and_key() {
    let host = ScriptedHost::installed();
    host.set_environment(&js(&format!("{{ LAMINA_API_KEY: '{KEY}', LAMINA_BASE_URL: 'https://env.example' }}")));
    let table = [
        ("'/api/lamina'", "/api/lamina"),
        ("'/api/lamina/'", "/api/lamina"),
        ("'/'", ""),
        ("'https://own.example/x'", "https://own.example/x"),
    ];
    for (proxy, expected) in table {
        let options = format!("{{ proxyUrl: {proxy} }}");
        let config = read(&js(&options)).unwrap();
        assert_eq!(base(&config), expected);
        assert!(matches!(config.key, Key::AddedByProxy));
        assert_eq!(headers(&options, &[], false), json!({ "accept": "application/json" }));
    }
    for proxy in ["'//evil.example'", "'/\\\\evil.example'", "'lamina'", "''", "'http://a.example/'", "5", "{}"] {
        let (code, message) = refusal(&format!("proxyUrl: {proxy}"));
        assert_eq!(code, "INVALID_ARGUMENT", "{proxy}");
        assert!(message.starts_with("`proxyUrl` must "), "{message}");
    }
}

#[test]
fn a_proxy_path_that_a_parser_reads_otherwise_is_refused() {
    ScriptedHost::installed();
    // Parsers of URLs skip tabs and line breaks; what follows a `?` or `#` is no path.
    for proxy in ["'/\\t/evil.example'", "'/\\n\\\\evil.example'", "'/api?x'", "'/api#x'"] {
        assert!(refusal(&format!("proxyUrl: {proxy}")).1.starts_with("`proxyUrl` must "), "{proxy}");
    }
}

#[test]
fn only_the_headers_that_the_api_needs_are_sent() {
    ScriptedHost::installed();
    let sent = |members: &str, extra: &[(&str, &str)], body: bool| {
        headers(&format!("{{ apiKey: '{KEY}', {members} }}"), extra, body)
    };
    assert_eq!(sent("", &[], false), json!({ "accept": "application/json", "x-api-key": KEY }));
    assert_eq!(sent("", &[], true)["content-type"], "application/json");
    let bearer =
        json!({ "accept": "application/json", "authorization": format!("Bearer {KEY}"), "x-workspace-id": "w 1" });
    assert_eq!(sent("auth: 'bearer', workspaceId: 'w 1'", &[], false), bearer);
    assert_eq!(sent("headers: { 'X-Trace': 't', Accept: 'own/type' }", &[], false)["x-trace"], "t");
    assert_eq!(sent("headers: { 'X-Trace': 't', Accept: 'own/type' }", &[], false)["accept"], "own/type");
    assert_eq!(sent("headers: { 'x-trace': 't' }", &[("x-trace", "call")], false)["x-trace"], "call");
}

#[test]
fn every_option_of_a_wrong_type_is_refused_by_its_name() {
    ScriptedHost::installed();
    let table = [
        "timeoutMs: 0",
        "attemptTimeoutMs: Infinity",
        "maxRetries: -1",
        "headers: 'x: y'",
        "workspaceId: ''",
        "workspaceId: 'a\\nb'",
        "auth: 'basic'",
        "apiVersion: 'v2'",
        "fetch: 'fetch'",
        "proxyUrl: false",
        "baseUrl: 5",
        "allowInsecureHttp: 'yes'",
        "maxRetryAfterMs: -1",
        "requestsPerMinute: 0",
        "requestsPerMinute: 1.5",
        "requestsPerMinute: -Infinity",
        "onEvent: {}",
        "dangerouslyAllowBrowser: 1",
    ];
    for member in table {
        let (code, message) = refusal(&format!("apiKey: '{KEY}', {member}"));
        assert_eq!(code, "INVALID_ARGUMENT", "{member}");
        assert!(message.starts_with(&format!("`{}` must ", member.split(':').next().unwrap())), "{message}");
    }
    assert_eq!(config("requestsPerMinute: Infinity").requests_per_minute, None);
}

#[test]
fn every_option_may_throw_when_it_is_read() {
    ScriptedHost::installed();
    let names = "timeoutMs attemptTimeoutMs maxRetries headers workspaceId auth apiVersion fetch proxyUrl baseUrl \
                 allowInsecureHttp maxRetryAfterMs requestsPerMinute onEvent apiKey dangerouslyAllowBrowser";
    for name in names.split(' ') {
        let options = js(&format!("{{ apiKey: '{KEY}', get {name}() {{ throw new Error('mine'); }} }}"));
        let error = shown(&read(&options).unwrap_err());
        assert_eq!(text(&error, "message"), format!("`{name}` could not be read."));
        assert_eq!(text(&get(&error, "cause"), "message"), "mine");
    }
}

#[test]
fn the_first_bad_option_is_the_one_that_is_told() {
    ScriptedHost::installed();
    let message = refusal("onEvent: 5, baseUrl: 5, timeoutMs: 'x', apiKey: 'a b'").1;
    assert!(message.starts_with("`timeoutMs`"), "{message}");
    for options in ["5", "'options'", "() => {}", "true"] {
        assert_eq!(refusal_of(&js(options)).1, "Options must be an object.");
    }
}
