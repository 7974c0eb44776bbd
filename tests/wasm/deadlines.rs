//! Time-outs of calls and of attempts, on a scripted clock.

use super::held::fail;
use super::host::{next_number, Lamina};
use super::js::{get, js, text};
use lamina_wasm::client::operations::Operation;
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_call_ends_when_its_time_is_over_and_its_attempt_is_aborted() {
    let lamina = Lamina::new("attemptTimeoutMs: 9000, maxRetries: 0");
    let call = lamina.look("{ timeoutMs: 5000 }");
    assert_eq!(lamina.host.armed_for(), Some(5_000.0));
    lamina.host.pass(4_999.0);
    assert!(lamina.host.is_pending(call));
    lamina.host.pass(1.0);
    let error = lamina.host.rejected(call);
    assert_eq!(text(&error, "code"), "TIMEOUT");
    assert!(text(&error, "message").contains("`timeoutMs`"));
    assert_eq!((get(&error, "retryable"), get(&error, "attempts")), (true.into(), 1.into()));
    assert_eq!(lamina.host.record("aborted"), json!([call]));
}

#[test]
fn an_attempt_that_takes_too_long_is_given_up_for_another() {
    let lamina = Lamina::new("attemptTimeoutMs: 1000, maxRetries: 1");
    let call = lamina.look("{}");
    lamina.host.pass(1_000.0);
    assert_eq!(lamina.host.record("aborted"), json!([call]));
    lamina.host.pass(375.0);
    assert_eq!(lamina.host.sent()[1]["at"], 1_375);
    lamina.host.pass(1_000.0);
    let error = lamina.host.rejected(call);
    assert!(text(&error, "message").contains("`attemptTimeoutMs`"));
    assert_eq!(get(&error, "attempts"), 2);
}

#[test]
fn a_start_that_timed_out_says_that_it_may_have_happened() {
    let lamina = Lamina::new("attemptTimeoutMs: 1000");
    let call = lamina.start(Operation::Execute, &"a".into(), &js("{}"), &JsValue::UNDEFINED);
    lamina.host.pass(1_000.0);
    let error = lamina.host.rejected(call);
    assert!(text(&error, "message").contains("may run all the same"));
    assert_eq!((get(&error, "retryable"), lamina.host.sent().len()), (false.into(), 1));
}

#[test]
fn the_time_before_the_start_counts_as_well() {
    let lamina = Lamina::new("timeoutMs: 5000");
    let call = next_number();
    lamina.start_as(call, Operation::GetExecution, &"e".into(), &JsValue::UNDEFINED, &JsValue::UNDEFINED, 4_000.0);
    assert_eq!(lamina.host.armed_for(), Some(1_000.0));
    lamina.host.pass(1_000.0);
    assert_eq!(text(&lamina.host.rejected(call), "code"), "TIMEOUT");
}

#[test]
fn the_options_of_a_call_come_before_those_of_its_client() {
    let lamina = Lamina::new("timeoutMs: 5000, attemptTimeoutMs: 4000, maxRetries: 0");
    let call = lamina.look("{}");
    assert_eq!(lamina.host.armed_for(), Some(4_000.0));
    lamina.cancel(call);
    lamina.look("{ attemptTimeoutMs: 7000, maxRetries: 1 }");
    assert_eq!(lamina.host.armed_for(), Some(5_000.0));
    lamina.look("{ timeoutMs: 300, attemptTimeoutMs: 7000 }");
    assert_eq!(lamina.host.armed_for(), Some(300.0));
}

#[test]
fn a_pause_that_reaches_the_deadline_waits_for_it_and_keeps_the_failure_as_the_cause() {
    let lamina = Lamina::new("timeoutMs: 300");
    let call = lamina.look("{}");
    lamina.host.pass(100.0);
    lamina.reply(call, &json!({ "status": 503, "body": { "error": "Down" } }));
    lamina.host.pass(199.0);
    assert!(lamina.host.is_pending(call));
    lamina.host.pass(1.0);
    let error = lamina.host.rejected(call);
    assert_eq!((text(&error, "code"), get(&error, "status")), ("TIMEOUT".into(), 503.into()));
    assert_eq!(text(&get(&error, "cause"), "message"), "Down");
    assert_eq!(lamina.host.sent().len(), 1);
}

#[test]
fn a_server_that_asks_for_more_than_the_time_that_is_left_gets_no_retry() {
    let lamina = Lamina::new("timeoutMs: 2000");
    let call = lamina.look("{}");
    lamina.host.pass(500.0);
    lamina.reply(call, &json!({ "status": 429, "retryAfter": "1.6" }));
    let error = lamina.host.rejected(call);
    assert_eq!((text(&error, "code"), get(&error, "retryAfterMs")), ("RATE_LIMITED".into(), 1_600.into()));
}

#[test]
fn a_reply_in_the_last_moment_counts_and_one_after_it_does_not() {
    let lamina = Lamina::new("timeoutMs: 1000");
    let execution = json!({ "status": 200, "body": { "data": { "executionId": "e", "status": "queued" } } });
    let in_time = lamina.look("{}");
    lamina.host.pass(999.0);
    lamina.reply(in_time, &execution);
    lamina.host.resolved(in_time);

    let late = lamina.look("{}");
    lamina.host.pass(1_000.0);
    lamina.host.rejected(late);
    lamina.reply(late, &execution);
    fail(late, &JsValue::NULL);
    assert_eq!(text(&lamina.host.rejected(late), "code"), "TIMEOUT");
}

#[test]
fn a_reply_that_lies_ready_when_the_timer_fires_late_still_counts() {
    let lamina = Lamina::new("timeoutMs: 1000");
    let call = lamina.look("{}");
    lamina.host.set_time(5_000.0);
    lamina.reply(call, &json!({ "status": 200, "body": { "data": { "executionId": "e", "status": "queued" } } }));
    lamina.host.resolved(call);
}

#[test]
fn a_time_longer_than_a_hosts_timer_can_count_is_waited_for_in_parts() {
    let lamina = Lamina::new("timeoutMs: 3e9, attemptTimeoutMs: 3e9");
    let call = lamina.look("{}");
    assert_eq!(lamina.host.armed_for(), Some(2_147_483_647.0));
    lamina.host.pass(2_999_999_999.0);
    assert!(lamina.host.is_pending(call));
    lamina.host.pass(1.0);
    assert_eq!(text(&lamina.host.rejected(call), "code"), "TIMEOUT");
}

#[test]
fn calls_with_deadlines_of_their_own_end_each_at_its_own() {
    let lamina = Lamina::new("maxRetries: 0");
    let calls: Vec<u32> =
        [300, 100, 200].iter().map(|timeout| lamina.look(&format!("{{ timeoutMs: {timeout} }}"))).collect();
    let pending = || calls.iter().map(|call| lamina.host.is_pending(*call)).collect::<Vec<_>>();
    for expected in [[true, false, true], [true, false, false], [false, false, false]] {
        lamina.host.pass(100.0);
        assert_eq!(pending(), expected);
    }
    assert_eq!(lamina.host.armed_for(), None);
}
