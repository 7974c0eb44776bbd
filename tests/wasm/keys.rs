//! A key that comes from the user's function, asked anew for every attempt.

use super::host::{same, Lamina};
use super::js::{get, js, text};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test as test;

const ASKED: &str = "apiKey: () => {}";

#[test]
fn the_function_is_asked_for_every_attempt_and_its_answer_is_sent() {
    let lamina = Lamina::new(ASKED);
    let call = lamina.look("{}");
    assert_eq!(lamina.host.record("askedKeys"), json!([call]));
    assert_eq!(lamina.host.sent().len(), 0);
    lamina_wasm::answer(call, "first".into(), false);
    lamina.reply(call, &json!({ "status": 503 }));
    lamina.host.pass(375.0);
    assert_eq!(lamina.host.record("askedKeys"), json!([call, call]));
    lamina_wasm::answer(call, "second".into(), false);
    let keys: Vec<_> = lamina.host.sent().iter().map(|sent| sent["headers"]["x-api-key"].clone()).collect();
    assert_eq!(keys, ["first", "second"]);
}

#[test]
fn a_function_that_fails_or_gives_no_key_rejects_and_nothing_is_sent() {
    let table = [
        ("undefined", false, "AUTH_MISSING_KEY"),
        ("null", false, "AUTH_MISSING_KEY"),
        ("''", false, "AUTH_MISSING_KEY"),
        ("5", false, "INVALID_ARGUMENT"),
        ("{}", false, "INVALID_ARGUMENT"),
        ("'se cret\\n'", false, "INVALID_ARGUMENT"),
        ("new Error('vault is sealed')", true, "AUTH_MISSING_KEY"),
        ("undefined", true, "AUTH_MISSING_KEY"),
    ];
    for (value, thrown, code) in table {
        let lamina = Lamina::new(ASKED);
        let call = lamina.look("{}");
        let value = js(value);
        lamina_wasm::answer(call, value.clone(), thrown);
        let error = lamina.host.rejected(call);
        assert_eq!(text(&error, "code"), code, "{value:?}");
        assert!(!text(&error, "message").contains("cret"));
        assert_eq!((get(&error, "attempts"), lamina.host.sent().len()), (0.into(), 0));
        assert!(!thrown || same(&get(&error, "cause"), &value));
    }
}

#[test]
fn a_function_that_never_answers_ends_with_the_calls_time() {
    let lamina = Lamina::new(ASKED);
    let call = lamina.look("{ timeoutMs: 500 }");
    lamina.host.pass(499.0);
    assert!(lamina.host.is_pending(call));
    lamina.host.pass(1.0);
    assert_eq!(text(&lamina.host.rejected(call), "code"), "TIMEOUT");
    lamina_wasm::answer(call, "late".into(), false);
    assert_eq!(lamina.host.sent().len(), 0);
}

#[test]
fn a_reply_before_the_key_and_a_second_key_are_ignored() {
    let lamina = Lamina::new(ASKED);
    let call = lamina.look("{}");
    lamina.reply(call, &json!({ "status": 200 }));
    lamina_wasm::failed(call, "early".into());
    assert!(lamina.host.is_pending(call));
    lamina_wasm::answer(call, "first".into(), false);
    lamina_wasm::answer(call, "second".into(), false);
    lamina_wasm::answer(call, "third".into(), true);
    assert!(lamina.host.is_pending(call));
    assert_eq!(lamina.host.sent().len(), 1);
}
