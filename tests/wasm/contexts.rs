//! Hosts where each call lives in a context of its own, whose end nobody tells: there a call is woken by its own timer
//! only. And hosts where calls share one: there the budget of a client has a timer.

use super::host::Lamina;
use serde_json::{json, Value};
use wasm_bindgen_test::wasm_bindgen_test as test;

fn done() -> Value {
    json!({ "status": 200, "body": { "data": { "executionId": "e1", "status": "completed" } } })
}

/// A client that may send one request a minute.
fn one_a_minute(contexts: bool) -> Lamina {
    let lamina = Lamina::new("requestsPerMinute: 1, timeoutMs: 300000, attemptTimeoutMs: 300000");
    lamina.host.set_contexts(contexts);
    lamina
}

#[test]
fn in_a_shared_context_the_next_call_goes_by_the_timer_of_the_budget() {
    let lamina = one_a_minute(false);
    let (first, second) = (lamina.look("{}"), lamina.look("{}"));
    assert_eq!(lamina.host.sent().len(), 1);
    lamina.reply(first, &done());
    assert_eq!(lamina.host.armed_for(), Some(60_000.0));
    lamina.host.pass(59_999.0);
    assert_eq!(lamina.host.sent().len(), 1);
    lamina.host.pass(1.0);
    assert_eq!(lamina.host.sent().len(), 2);
    lamina.reply(second, &done());
    lamina.host.resolved(second);
}

#[test]
fn the_timer_of_a_budget_that_no_call_waits_for_is_cleared() {
    let lamina = one_a_minute(false);
    let (first, second, third) = (lamina.look("{}"), lamina.look("{}"), lamina.look("{}"));
    lamina.reply(first, &done());
    lamina.cancel(second);
    assert_eq!(lamina.host.armed_for(), Some(60_000.0));
    lamina.cancel(third);
    assert_eq!(lamina.host.armed_for(), None);
}

#[test]
fn a_call_that_is_cancelled_while_it_waits_gives_its_place_to_the_next() {
    for contexts in [false, true] {
        let lamina = one_a_minute(contexts);
        let (first, second, third) = (lamina.look("{}"), lamina.look("{}"), lamina.look("{}"));
        lamina.reply(first, &done());
        lamina.cancel(second);
        lamina.host.pass(61_000.0);
        let calls: Vec<Value> = lamina.host.sent().iter().map(|sent| sent["call"].clone()).collect();
        assert_eq!(calls, [first, third]);
    }
}

#[test]
fn in_separate_contexts_only_the_calls_own_timer_wakes_it() {
    let lamina = one_a_minute(true);
    let (first, second) = (lamina.look("{}"), lamina.look("{}"));
    lamina.reply(first, &done());
    lamina.host.pass(59_000.0);
    // What wakes the budget here is the context of another call, in which the second one's request would never end.
    lamina.host.set_time(60_000.0);
    lamina.reply(first, &done());
    let third = lamina.look("{}");
    assert_eq!(lamina.host.sent().len(), 1);
    lamina.host.pass(1_000.0);
    let last = lamina.host.sent().pop().unwrap();
    assert_eq!((last["call"].clone(), lamina.host.is_pending(third)), (json!(second), true));
}

#[test]
fn a_grant_that_is_found_in_another_context_waits_for_the_calls_own() {
    let lamina = Lamina::new("");
    lamina.host.set_contexts(true);
    let blocked = lamina.look("{ maxRetries: 0 }");
    lamina.reply(blocked, &json!({ "status": 429, "retryAfter": "2" }));
    let waiting = lamina.look("{}");
    assert_eq!(lamina.host.sent().len(), 1);
    lamina.host.set_time(2_500.0);
    let other = lamina.look("{}");
    let calls = || lamina.host.sent().iter().map(|sent| sent["call"].clone()).collect::<Vec<_>>();
    assert_eq!(calls(), [blocked, other]);
    lamina.host.pass(0.0);
    assert_eq!(calls(), [blocked, other, waiting]);
}

#[test]
fn a_call_whose_context_is_gone_is_forgotten_when_the_next_one_starts() {
    let lamina = Lamina::new("maxRetries: 0");
    lamina.host.set_contexts(true);
    let gone = lamina.look("{ timeoutMs: 1000 }");
    let lives = lamina.look("{ timeoutMs: 9000 }");
    lamina.host.set_time(6_000.0);
    lamina.look("{}");
    assert_eq!(lamina.host.record("forgotten"), json!([]), "its timer may be late");
    lamina.host.set_time(6_001.0);
    lamina.look("{}");
    assert_eq!(lamina.host.record("forgotten"), json!([gone]));
    lamina.reply(gone, &done());
    assert!(lamina.host.is_pending(gone) && lamina.host.is_pending(lives));
}

#[test]
fn in_a_shared_context_no_call_is_ever_forgotten() {
    let lamina = Lamina::new("maxRetries: 0");
    let late = lamina.look("{ timeoutMs: 1000 }");
    lamina.host.set_time(3_600_000.0);
    lamina.look("{}");
    lamina.reply(late, &done());
    lamina.host.resolved(late);
    assert_eq!(lamina.host.record("forgotten"), json!([]));
}
