//! The lists of values that the host keeps: one for each call, which goes when its call does and stays short until then, and
//! one for each client, for what its calls share.

use super::held::{answer, count_for, fail};
use super::host::{same, Lamina};
use super::js::{get, js, json, text};
use lamina_wasm::client::operations::Operation;
use serde_json::{json, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// How often a wait looks here.
const MANY: usize = 2_000;

/// What each request of a call carried as the header `name`.
fn carried(lamina: &Lamina, call: u32, name: &str) -> Vec<Value> {
    let sent = lamina.host.sent();
    sent.iter().filter(|sent| sent["call"] == call).map(|sent| sent["headers"][name].clone()).collect()
}

#[test]
fn calls_that_go_on_in_turns_keep_each_its_own_values() {
    let lamina = Lamina::new("apiKey: () => {}, maxRetries: 1");
    let a = lamina.look("{ headers: { 'x-of': 'a' } }");
    let b = lamina.look("{ headers: { 'x-more': '1', 'x-of': 'b' }, timeoutMs: 50000 }");
    answer(b, &"key-of-b".into());
    answer(a, &"key-of-a".into());
    fail(a, &js("new Error('a')"));
    lamina.reply(b, &json!({ "status": 503, "body": { "error": "b" } }));
    lamina.host.pass(375.0);
    answer(a, &"new-key-of-a".into());
    answer(b, &"new-key-of-b".into());
    for (call, name) in [(a, "a"), (b, "b")] {
        assert_eq!(carried(&lamina, call, "x-of"), [name, name]);
        assert_eq!(carried(&lamina, call, "x-api-key"), [format!("key-of-{name}"), format!("new-key-of-{name}")]);
    }
    for (call, name) in [(b, "b"), (a, "a")] {
        let body = json!({ "error": "No new-key-of-a, no new-key-of-b", "details": { "of": name }, "requestId": name });
        lamina.reply(call, &json!({ "status": 400, "body": body }));
    }
    for (call, name, message) in [(a, "a", "No ***, no new-key-of-b"), (b, "b", "No new-key-of-a, no ***")] {
        let error = lamina.host.rejected(call);
        assert_eq!((text(&error, "message").as_str(), text(&error, "requestId").as_str()), (message, name));
        assert_eq!(json(&get(&error, "details")), json!({ "of": name }));
    }
}

#[test]
fn waits_that_look_in_turns_keep_each_its_own_execution() {
    let lamina = Lamina::new("");
    let waits: Vec<(u32, JsValue)> = ["a", "b"]
        .iter()
        .map(|name| {
            let given = js(&format!("{{ executionId: '{name}', status: 'queued' }}"));
            let options = js("{ onUpdate: () => {}, pollIntervalMs: 100, timeoutMs: 5000 }");
            (lamina.start(Operation::Wait, &given, &JsValue::UNDEFINED, &options), given)
        })
        .collect();
    let seen = |name: &str, status: &str| json!({ "status": 200, "body": { "data": { "executionId": name, "status": status } } });
    let (a, b) = (waits[0].0, waits[1].0);
    for round in 0..20 {
        // The one fails where the other goes on.
        let (good, bad) = if round % 2 == 0 { (a, b) } else { (b, a) };
        fail(bad, &js(&format!("new Error('{bad}')")));
        lamina.reply(good, &seen(if good == a { "a" } else { "b" }, &format!("status {round}")));
        lamina.host.pass(1_000.0);
    }
    for (call, given) in waits {
        let error = lamina.host.rejected(call);
        assert_eq!(text(&error, "code"), "WAIT_TIMEOUT");
        assert_eq!(text(&get(&error, "execution"), "executionId"), text(&given, "executionId"));
    }
    for update in lamina.host.record("updates").as_array().unwrap() {
        assert_eq!(update["execution"]["executionId"], if update["call"] == a { "a" } else { "b" });
    }
}

#[test]
fn calls_that_the_budget_lets_go_in_one_turn_send_each_its_own() {
    let lamina = Lamina::new("maxRetries: 0");
    let blocked = lamina.look("{}");
    lamina.reply(blocked, &json!({ "status": 429, "retryAfter": "2" }));
    let calls: Vec<u32> = (0..5)
        .map(|place| {
            // Lists of different lengths, so that no number of the one is right for the other by chance.
            let more: String = (0..place).map(|more| format!("'x-{more}': 'more', ")).collect();
            let options = js(&format!("{{ headers: {{ {more} 'x-of': '{place}' }} }}"));
            let inputs = js(&format!("{{ of: {place} }}"));
            lamina.start(Operation::Execute, &"a".into(), &inputs, &options)
        })
        .collect();
    assert_eq!(lamina.host.sent_count(), 1);
    lamina.host.pass(2_000.0);
    for (place, call) in calls.iter().enumerate() {
        assert_eq!(carried(&lamina, *call, "x-of"), [place.to_string()]);
    }
    let bodies: Vec<Value> = lamina.host.sent()[1..].iter().map(|sent| sent["body"].clone()).collect();
    let expected: Vec<String> = (0..5).map(|place| format!(r#"{{"inputs":{{"of":{place}}}}}"#)).collect();
    assert_eq!(bodies, expected);
}

/// How many values the host holds for `call` at most, while `round` is gone through so often.
fn most_held(call: u32, rounds: usize, mut round: impl FnMut(usize)) -> u32 {
    let counts = (0..rounds).map(|number| {
        round(number);
        count_for(call)
    });
    counts.max().unwrap()
}

/// The later rounds hold no more than the first ones did, which is little.
fn stays_short(call: u32, mut round: impl FnMut(usize)) {
    let at_first = most_held(call, 20, &mut round);
    let later = most_held(call, MANY, &mut round);
    assert!(later <= at_first && at_first < 100, "{at_first}, later {later}");
}

#[test]
fn the_list_of_a_wait_is_short_after_thousands_of_looks() {
    let lamina = Lamina::new("onEvent: () => {}");
    let call = lamina.wait("{ pollIntervalMs: 10, timeoutMs: 1e9, onUpdate: () => {} }");
    let mut looks = 0;
    stays_short(call, |_| {
        looks += 1;
        let data = json!({ "executionId": "e1", "status": "running", "progress": { "look": looks } });
        lamina.reply(call, &json!({ "status": 200, "body": { "data": data } }));
        lamina.host.pass(10.0);
    });
    assert_eq!(lamina.host.sent_count(), looks + 1);
    let done = js("{ status: 200, body: { data: { executionId: 'e1', status: 'completed' } } }");
    answer(call, &done);
    assert!(same(&lamina.host.resolved(call), &get(&get(&done, "body"), "data")));
}

#[test]
fn the_list_of_a_wait_is_short_where_every_look_fails() {
    let lamina = Lamina::new("onEvent: () => {}, attemptTimeoutMs: 70000");
    let call = lamina.wait("{ timeoutMs: 1e12 }");
    let failures = [
        json!({ "status": 503, "body": { "error": "Down", "details": [1], "requestId": "r", "retryAfter": 1 } }),
        json!({ "status": 429, "retryAfter": "1" }),
        json!({ "status": 200, "body": { "data": {} } }),
        json!({ "status": 500, "text": "<html>" }),
    ];
    let mut looks = 0;
    stays_short(call, |number| {
        match failures.get(number % 6) {
            Some(reply) => lamina.reply(call, reply),
            None if number % 6 == 4 => fail(call, &js("new TypeError('fetch failed')")),
            // Nothing comes: the attempt's time runs out.
            None => lamina.host.pass(70_000.0),
        }
        looks += 1;
        while lamina.host.sent_count() == looks {
            lamina.host.pass(1_000.0);
        }
        assert!(lamina.host.is_pending(call));
    });
    lamina.reply(call, &json!({ "status": 404, "body": { "error": "Gone" } }));
    assert_eq!(text(&lamina.host.rejected(call), "message"), "Gone");
}

#[test]
fn the_list_of_a_call_is_short_after_thousands_of_retries() {
    let lamina = Lamina::new("onEvent: () => {}");
    let call = lamina.start(
        Operation::ValidateInputs,
        &"a".into(),
        &js("{}"),
        &js("{ maxRetries: 1e6, timeoutMs: 1e12, headers: { 'x-of': 'call' } }"),
    );
    let mut attempts = 0;
    stays_short(call, |_| {
        attempts += 1;
        lamina.reply(call, &json!({ "status": 503, "body": { "error": "Down", "details": [1] } }));
        lamina.host.pass(30_000.0 - 1.0);
        assert_eq!(lamina.host.sent_count(), attempts + 1);
    });
    lamina.reply(call, &json!({ "status": 200, "body": { "data": { "appId": "a", "parameters": [] } } }));
    assert_eq!(json(&get(&lamina.host.resolved(call), "valid")), true);
}

/// A piece of a stream.
fn bytes(text: &str) -> JsValue {
    js_sys::Uint8Array::from(text.as_bytes()).into()
}

#[test]
fn the_list_of_a_wait_is_short_after_thousands_of_events_of_a_stream() {
    let lamina = Lamina::new("apiVersion: 'v1'");
    let call = lamina.wait("{ transport: 'stream', timeoutMs: 1e9, onUpdate: () => {} }");
    lamina.reply(call, &json!({ "status": 200, "streams": true }));
    stays_short(call, |_| answer(call, &bytes("event: ping\ndata: {\"time\": 1}\n\n")));
    stays_short(call, |number| {
        let data = json!({ "runId": "e1", "status": "running", "progress": number });
        // Some events come in two pieces, and some two in one.
        let events = format!("data: {data}\n\n: a comment\n\ndata: no JSON\n\ndata: {data}\n\n");
        let (first, second) = events.split_at(number % events.len());
        answer(call, &bytes(first));
        answer(call, &bytes(second));
    });
    assert_eq!(lamina.host.sent_count(), 1, "it is one stream");
    answer(call, &bytes("data: {\"runId\": \"e1\", \"status\": \"completed\"}\n\n"));
    let expected = json!({ "runId": "e1", "executionId": "e1", "status": "completed", "outputs": [] });
    assert_eq!(json(&lamina.host.resolved(call)), expected);
}

#[test]
fn the_key_and_the_headers_of_a_client_outlive_its_calls() {
    let lamina = Lamina::new("workspaceId: 'w', headers: { 'X-Own': 'kept', Accept: 'own/type' }");
    let calls: Vec<u32> = (0..200)
        .map(|number| {
            // With headers of its own, a call's are put together anew.
            let call =
                lamina.look(if number % 2 == 0 { "{}" } else { "{ headers: { 'x-own': 'of-call', 'x-more': 'y' } }" });
            lamina.reply(
                call,
                &json!({ "status": 200, "body": { "data": { "executionId": "e1", "status": "queued" } } }),
            );
            lamina.host.resolved(call);
            call
        })
        .collect();
    let kept = json!({ "accept": "own/type", "x-api-key": super::host::KEY, "x-workspace-id": "w", "x-own": "kept" });
    let mut of_call = kept.clone();
    of_call["x-own"] = json!("of-call");
    of_call["x-more"] = json!("y");
    for (number, (call, sent)) in calls.iter().zip(lamina.host.sent()).enumerate() {
        assert_eq!(sent["call"], *call);
        assert_eq!(sent["headers"], if number % 2 == 0 { kept.clone() } else { of_call.clone() });
    }
}

#[test]
fn the_apps_that_a_client_remembers_outlive_its_calls_also_when_they_are_many() {
    let lamina = Lamina::new("apiVersion: 'v1'");
    let validate = |app: usize| {
        let subject = format!("app-{app}");
        lamina.start(Operation::ValidateInputs, &subject.into(), &js("{}"), &JsValue::UNDEFINED)
    };
    // Each app lacks a parameter of its own.
    let is_about = |call: u32, app: usize| {
        let report = json(&lamina.host.resolved(call));
        assert_eq!(report["errors"][0]["parameter"], format!("of {app}"));
    };
    let fetch = |app: usize| {
        let before = lamina.host.sent_count();
        let call = validate(app);
        assert_eq!(lamina.host.sent_count(), before + 1, "{app} is asked for");
        let parameters = json!([{ "name": format!("of {app}"), "type": "text" }]);
        lamina.reply(
            call,
            &json!({ "status": 200, "body": { "data": { "appId": app.to_string(), "parameters": parameters } } }),
        );
        is_about(call, app);
    };
    let recall = |app: usize| {
        let before = lamina.host.sent_count();
        is_about(validate(app), app);
        assert_eq!(lamina.host.sent_count(), before, "{app} is remembered");
    };
    for app in 0..64 {
        fetch(app);
    }
    (0..64).for_each(recall);
    // One more than there is room for: all the others are forgotten.
    for app in 64..130 {
        fetch(app);
    }
    (128..130).for_each(recall);
    (0..5).for_each(fetch);
    (128..130).chain(0..5).for_each(recall);
    lamina.host.pass(300_000.0);
    fetch(129);
}
