//! `pollStep`: the polling state machine over plain JSON, whose state may sleep in somebody's database between two steps.

use super::held::{held, shown, value_of};
use super::host::{is_lamina_error, same, ScriptedHost, KEY};
use super::js::{get, js, json, parsed, text};
use lamina_wasm::client::poll_step::step;
use serde_json::{json, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// 2026-03-23T12:22:40Z.
const NOW: f64 = 1_774_268_560_000.0;

/// One wait, whose state goes through JSON at every step.
pub struct Wait {
    pub state: String,
}

impl Wait {
    /// Begins with this observation at `NOW`.
    pub fn begin(observation: &str) -> (Self, JsValue) {
        let mut wait = Self { state: "null".into() };
        let next = wait.observe(0.0, observation);
        (wait, next)
    }

    /// What comes next after `observation`, at `NOW + after`.
    fn observe(&mut self, after: f64, observation: &str) -> JsValue {
        let result = Self::step(&js(&self.state), &js(&format!("{{ now: {NOW} + {after}, {observation} }}"))).unwrap();
        self.state = json(&get(&result, "state")).to_string();
        get(&result, "next")
    }

    /// As above, where it says to look again: after how many milliseconds.
    fn pause(&mut self, after: f64, observation: &str) -> f64 {
        let next = self.observe(after, observation);
        assert_eq!(text(&next, "type"), "poll", "{:?}", json(&next));
        get(&next, "afterMs").as_f64().unwrap()
    }

    pub fn step(state: &JsValue, observation: &JsValue) -> Result<JsValue, JsValue> {
        ScriptedHost::installed();
        step(held(state), held(observation)).map(value_of).map_err(|failure| shown(&failure))
    }
}

#[test]
fn the_first_look_is_at_once_and_pauses_grow_with_the_age() {
    let (mut wait, next) = Wait::begin("executionId: 'e'");
    assert_eq!(json(&next), json!({ "type": "poll", "afterMs": 0 }));
    let running = "execution: { executionId: 'e', status: 'running' }";
    for (age, shortest, longest) in
        [(0.0, 2_700.0, 3_300.0), (60_000.0, 5_400.0, 6_600.0), (1_000_000.0, 13_500.0, 16_500.0)]
    {
        let pause = wait.pause(age, running);
        assert!((shortest..=longest).contains(&pause), "{pause} at {age}");
        assert_eq!(pause.fract(), 0.0);
    }
}

#[test]
fn the_same_steps_give_the_same_answers_on_every_machine() {
    let walk = || {
        let (mut wait, _) = Wait::begin("executionId: 'e'");
        (1..20)
            .map(|look| wait.pause(f64::from(look) * 10_000.0, "execution: { status: 'running' }"))
            .collect::<Vec<_>>()
    };
    let first = walk();
    assert_eq!(first, walk());
    assert!(first.windows(2).any(|pair| pair[0] != pair[1]), "the pauses are spread");
}

#[test]
fn an_execution_that_is_over_ends_the_wait_with_itself() {
    let done = js("{ executionId: 'e', status: 'completed', outputs: [{ value: 'x' }], later: 1 }");
    let observation = js(&format!("{{ now: {NOW}, executionId: 'e' }}"));
    js_sys::Reflect::set(&observation, &"execution".into(), &done).unwrap();
    let next = get(&Wait::step(&JsValue::NULL, &observation).unwrap(), "next");
    assert_eq!(text(&next, "type"), "done");
    assert!(same(&get(&next, "execution"), &done));
}

#[test]
fn an_execution_that_failed_or_was_cancelled_fails_the_wait_unless_it_is_not_to() {
    let table = [
        ("status: 'failed', errorMessage: 'No credits'", "EXECUTION_FAILED", "No credits"),
        ("status: 'failed', outputs: [{ error: 'a' }, { error: null }, { error: 'b' }]", "EXECUTION_FAILED", "a; b"),
        ("status: 'failed'", "EXECUTION_FAILED", "The execution failed."),
        ("status: 'cancelled'", "EXECUTION_CANCELLED", "The execution was cancelled."),
    ];
    for (members, code, message) in table {
        let execution = format!("execution: {{ executionId: 'e', {members} }}");
        let (_, next) = Wait::begin(&execution);
        assert_eq!(text(&next, "type"), "fail");
        let error = get(&next, "error");
        assert!(is_lamina_error(&error));
        assert_eq!((text(&error, "code").as_str(), text(&error, "message").as_str()), (code, message));
        assert_eq!(text(&get(&error, "execution"), "executionId"), "e");
        let (mut wait, _) = Wait::begin("executionId: 'e', options: { throwOnFailure: false }");
        assert_eq!(
            text(&wait.observe(1_000.0, &execution), "type"),
            "done",
            "said at the first step, minded at the second"
        );
    }
}

#[test]
fn only_the_first_observation_names_the_execution_and_the_options() {
    let (mut wait, _) = Wait::begin("executionId: 'e', options: { timeoutMs: 60000, pollIntervalMs: 5000 }");
    assert_eq!(wait.pause(10_000.0, "execution: { status: 'running' }, options: { pollIntervalMs: 1 }"), 5_000.0);
    assert_eq!(
        wait.pause(58_000.0, "execution: { status: 'running' }"),
        2_000.0,
        "no longer than the time that is left"
    );
    let next = wait.observe(60_000.0, "execution: { executionId: 'e', status: 'running' }");
    let error = get(&next, "error");
    assert_eq!(text(&error, "code"), "WAIT_TIMEOUT");
    assert_eq!(text(&get(&error, "execution"), "status"), "running");
}

#[test]
fn without_options_a_wait_lasts_half_an_hour() {
    let (mut wait, _) = Wait::begin("executionId: 'e'");
    wait.pause(1_799_999.0, "execution: { status: 'running' }");
    assert_eq!(text(&wait.observe(1_800_000.0, "execution: { status: 'running' }"), "type"), "fail");
}

#[test]
fn a_run_may_be_given_by_its_run_id_or_as_the_answer_to_its_start() {
    for observation in [
        "executionId: 'r'",
        "execution: { runId: 'r', status: 'queued' }",
        "execution: { executionId: 'r', status: 'queued' }",
    ] {
        let (wait, _) = Wait::begin(observation);
        let state: Value = serde_json::from_str(&wait.state).unwrap();
        assert_eq!(state["executionId"], "r", "{observation}");
    }
}

#[test]
fn transient_errors_are_waited_out_and_others_end_the_wait_with_themselves() {
    let transient = [
        "new TypeError('fetch failed')",
        "'some text'",
        "{ code: 'ECONNRESET' }",
        "{ code: 'NETWORK_ERROR', message: 'x' }",
        "{ code: 'TIMEOUT' }",
        "{ code: 'INVALID_RESPONSE', status: 200 }",
        "{ code: 'INTERNAL_ERROR', status: 500 }",
        "{ code: 'RATE_LIMITED', status: 429 }",
        "{ status: 408 }",
        "{ status: 503 }",
    ];
    for error in transient {
        let (mut wait, _) = Wait::begin("executionId: 'e'");
        let pause = wait.pause(1_000.0, &format!("error: {error}"));
        assert!((250.0..=500.0).contains(&pause), "{error}: {pause}");
    }
    let final_ones = [
        "{ code: 'NOT_FOUND', status: 404 }",
        "{ code: 'AUTH_INVALID_KEY', status: 401 }",
        "{ code: 'FORBIDDEN', status: 403 }",
        "{ status: 400 }",
        "{ code: 'INVALID_RESPONSE', status: 302 }",
        "{ code: 'INVALID_ARGUMENT' }",
        "{ code: 'AUTH_MISSING_KEY' }",
    ];
    for error in final_ones {
        let (mut wait, _) = Wait::begin("executionId: 'e'");
        let next = wait.observe(1_000.0, &format!("error: {error}"));
        assert_eq!(text(&next, "type"), "fail", "{error}");
        assert_eq!(json(&get(&next, "error")), json(&js(error)), "the very error that was observed");
    }
}

#[test]
fn the_pause_that_a_server_asked_for_is_kept_and_failures_in_a_row_stretch_theirs() {
    let (mut wait, _) = Wait::begin("executionId: 'e'");
    assert_eq!(wait.pause(0.0, "error: { code: 'RATE_LIMITED', status: 429, retryAfterMs: 7000 }"), 7_000.0);
    let pauses: Vec<f64> = (0..3).map(|_| wait.pause(8_000.0, "error: { code: 'NETWORK_ERROR' }")).collect();
    assert!(pauses[0] < pauses[1] && pauses[1] < pauses[2], "{pauses:?}");
    wait.pause(9_000.0, "execution: { status: 'running' }");
    assert!(wait.pause(10_000.0, "error: { code: 'NETWORK_ERROR' }") <= 500.0, "a good look forgives");
}

#[test]
fn a_pause_that_this_side_keeps_for_the_server_is_waited_out_as_well() {
    // What `getExecution` rejects with while an earlier answer forbids requests: there is no status, for nothing was sent.
    let (mut wait, _) = Wait::begin("executionId: 'e'");
    let pause = wait.pause(0.0, "error: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 5000 }");
    assert_eq!(pause, 5_000.0);
}

#[test]
fn a_404_right_after_the_start_is_not_visible_yet() {
    let (mut wait, _) = Wait::begin("execution: { executionId: 'e', status: 'queued' }");
    wait.pause(9_000.0, "error: { code: 'NOT_FOUND', status: 404 }");
    assert_eq!(text(&wait.observe(10_000.0, "error: { code: 'NOT_FOUND', status: 404 }"), "type"), "fail");
}

#[test]
fn the_state_is_plain_json_without_a_key() {
    let options = format!("{{ headers: {{ 'x-api-key': '{KEY}' }}, apiKey: '{KEY}', timeoutMs: 5000 }}");
    let (wait, _) = Wait::begin(&format!("executionId: 'e', apiKey: '{KEY}', options: {options}"));
    assert!(!wait.state.contains(KEY));
    let expected = json!({
        "v": 1, "executionId": "e", "beganAt": NOW as u64, "deadlineAt": NOW as u64 + 5_000, "pollIntervalMs": { "min": 3000, "max": 15000 },
        "throwOnFailure": true, "failures": 0, "polls": 1,
    });
    assert_eq!(serde_json::from_str::<Value>(&wait.state).unwrap(), expected);
}

#[test]
fn what_another_version_added_to_the_state_is_handed_on() {
    let (wait, _) = Wait::begin("executionId: 'e'");
    let mut state: Value = serde_json::from_str(&wait.state).unwrap();
    state["later"] = json!({ "a": 1 });
    let given = parsed(&state);
    let result = Wait::step(&given, &js(&format!("{{ now: {NOW}, execution: {{ status: 'running' }} }}"))).unwrap();
    assert_eq!(json(&get(&result, "state"))["later"], json!({ "a": 1 }));
    assert_eq!(json(&given), state, "the state that was given stays as it was");
}

#[test]
fn a_state_from_the_database_may_be_of_another_realm_or_without_a_prototype() {
    let (wait, _) = Wait::begin("executionId: 'e'");
    let state = parsed(&serde_json::from_str(&wait.state).unwrap());
    js_sys::Object::set_prototype_of(&state.clone().into(), &JsValue::NULL.into());
    let observation =
        js(&format!("Object.assign(Object.create(null), {{ now: {NOW}, execution: {{ status: 'running' }} }})"));
    assert!(Wait::step(&state, &observation).is_ok());
}
