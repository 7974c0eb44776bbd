//! A key that comes from the user's function, asked anew for every attempt.

use super::held::{answer, fail};
use super::host::{same, Lamina};
use super::js::{get, js, json, text};
use super::live::Live;
use lamina_wasm::client::operations::Operation;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test as test;

const ASKED: &str = "apiKey: () => {}";

#[test]
fn the_function_is_asked_for_every_attempt_and_its_answer_is_sent() {
    let lamina = Lamina::new(ASKED);
    let call = lamina.look("{}");
    assert_eq!(lamina.host.record("askedKeys"), json!([call]));
    assert_eq!(lamina.host.sent().len(), 0);
    answer(call, &"first".into());
    lamina.reply(call, &json!({ "status": 503 }));
    lamina.host.pass(375.0);
    assert_eq!(lamina.host.record("askedKeys"), json!([call, call]));
    answer(call, &"second".into());
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
        if thrown {
            fail(call, &value)
        } else {
            answer(call, &value)
        }
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
    answer(call, &"late".into());
    assert_eq!(lamina.host.sent().len(), 0);
}

#[test]
async fn a_reply_before_the_key_and_a_second_key_are_ignored() {
    // The first attempt is given up; its reply comes while the key for the second one is asked for.
    let options = js("(() => { const own = { dangerouslyAllowBrowser: true, asked: 0, sent: 0, attemptTimeoutMs: 20 }; \
        const reply = (status) => Response.json({ data: { executionId: 'e', status } }); \
        const twice = (key) => ({ then(resolve, reject) { resolve(key); resolve('other'); reject('third'); } }); \
        own.apiKey = () => { \
            if (own.asked++ === 0) return twice('first'); \
            own.late(reply('early')); \
            return new Promise((resolve) => setTimeout(() => resolve(twice('second')), 20)); \
        }; \
        own.fetch = (_, { headers }) => own.sent++ === 0 ? new Promise((resolve) => (own.late = resolve)) : reply(headers['x-api-key']); \
        return own; })()");
    let execution = Live::new(options.clone()).call(Operation::GetExecution, "e", "{}").await.unwrap();
    assert_eq!(text(&execution, "status"), "second");
    assert_eq!((get(&options, "asked"), get(&options, "sent")), (2.into(), 2.into()));
}

#[test]
async fn a_key_that_comes_late_is_not_taken_for_what_was_asked_for_since() {
    // While the key for the first look is asked for, the execution arrives by another way. The first key comes when the
    // second one is asked for, and that one while the request is under way.
    let options = js("(() => { const own = { dangerouslyAllowBrowser: true, asked: 0, keys: [] }; \
        const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms)); \
        own.arrival = new Promise((resolve) => (own.arrive = resolve)); \
        own.apiKey = () => { \
            if (own.asked++ === 0) { \
                own.arrive({ executionId: 'e', status: 'running' }); \
                return new Promise((resolve) => (own.late = resolve)); \
            } \
            own.late('first'); \
            return later(10).then(() => 'second'); \
        }; \
        own.fetch = async (_, { headers }) => { \
            own.keys.push(headers['x-api-key']); \
            await later(30); \
            return Response.json({ data: { executionId: 'e', status: 'completed' } }); \
        }; \
        globalThis.lateKey = own; return own; })()");
    let live = Live::new(options.clone());
    let execution = live.call(Operation::Wait, "e", "{ pollIntervalMs: 5, arrival: lateKey.arrival }").await;
    assert_eq!(text(&execution.unwrap(), "status"), "completed");
    assert_eq!(json(&get(&options, "keys")), json!(["second"]));
}
