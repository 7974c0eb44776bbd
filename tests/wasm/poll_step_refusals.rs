//! What `pollStep` refuses: states that it did not make, and observations that say nothing.

use super::js::{js, text};
use super::poll_step::Wait;
use serde_json::{json, Value};
use wasm_bindgen_test::wasm_bindgen_test as test;

fn refusal(state: &str, observation: &str) -> String {
    let Err(error) = Wait::step(&js(state), &js(observation)) else { panic!("{state} and {observation} are taken") };
    assert_eq!(text(&error, "code"), "INVALID_ARGUMENT");
    text(&error, "message")
}

/// A state as this version writes it, with `changes`.
fn state_with(changes: &Value) -> String {
    let (wait, _) = Wait::begin("executionId: 'e'");
    let mut state: Value = serde_json::from_str(&wait.state).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        state[name] = value.clone();
    }
    state.to_string()
}

#[test]
fn a_state_of_a_newer_version_says_which_side_to_update() {
    for version in [json!(2), json!(1.5), json!(99)] {
        let message = refusal(&state_with(&json!({ "v": version })), "{ now: 1 }");
        assert!(message.contains("newer version") && message.contains("update this side"), "{message}");
    }
}

#[test]
fn what_is_no_state_is_refused() {
    let broken = [
        json!({ "v": 0 }),
        json!({ "v": "1" }),
        json!({ "executionId": "" }),
        json!({ "executionId": 5 }),
        json!({ "beganAt": null }),
        json!({ "deadlineAt": "soon" }),
        json!({ "pollIntervalMs": 5 }),
        json!({ "pollIntervalMs": [5] }),
        json!({ "throwOnFailure": "yes" }),
        json!({ "failures": -1 }),
        json!({ "polls": 0.5 }),
    ];
    let states =
        broken.iter().map(state_with).chain(["5", "'state'", "{}", "[]", "{ state: {}, next: {} }"].map(String::from));
    for state in states {
        assert!(refusal(&state, "{ now: 1 }").contains("`pollStep`"), "{state}");
    }
    assert_eq!(refusal("{ get v() { throw 1; } }", "{ now: 1 }"), "`v` could not be read.");
    assert!(refusal("{ v: 1, get executionId() { throw 1; } }", "{ now: 1 }").contains("`pollStep`"));
}

#[test]
fn what_is_no_observation_is_refused() {
    for observation in ["undefined", "null", "5", "'e'"] {
        assert!(refusal("null", observation).contains("observation must be an object"), "{observation}");
    }
    for now in ["undefined", "null", "'1'", "NaN", "Infinity", "new Date()", "1n"] {
        assert!(refusal("null", &format!("{{ now: {now}, executionId: 'e' }}")).starts_with("`now` must be"), "{now}");
    }
    for first in
        ["", "executionId: ''", "executionId: '..'", "executionId: 5", "executionId: 'a\\ud800'", "execution: {}"]
    {
        assert!(refusal("null", &format!("{{ now: 1, {first} }}")).starts_with("`executionId` must be"), "{first}");
    }
    for status in ["{}", "{ status: 5 }", "5", "'e'"] {
        let message = refusal("null", &format!("{{ now: 1, executionId: 'e', execution: {status} }}"));
        assert!(message.starts_with("`execution` must be "), "{message}");
    }
    let options = [
        "timeoutMs: 0",
        "timeoutMs: Infinity",
        "pollIntervalMs: -1",
        "pollIntervalMs: { min: 2, max: 1 }",
        "throwOnFailure: 1",
    ];
    for option in options {
        let name = option.split(':').next().unwrap();
        let message = refusal("null", &format!("{{ now: 1, executionId: 'e', options: {{ {option} }} }}"));
        assert!(message.starts_with(&format!("`{name}")), "{message}");
    }
    assert_eq!(refusal("null", "{ get now() { throw 1; } }"), "`now` could not be read.");
}

#[test]
fn a_state_whose_pauses_no_option_allows_is_refused() {
    for (min, max) in [(0, 0), (-5, 5), (5, 1)] {
        let state = state_with(&json!({ "pollIntervalMs": { "min": min, "max": max } }));
        assert!(refusal(&state, "{ now: 1 }").contains("`pollStep`"), "{min} {max}");
    }
}
