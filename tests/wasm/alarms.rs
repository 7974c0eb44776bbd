//! The timers of calls: one of the host's for each at most, set no more often than needed.

use super::executor::{end, Notes};
use super::held::{answer, fail};
use super::host::{next_number, ScriptedHost};
use super::js::js;
use lamina_wasm::client::call::Call;
use lamina_wasm::client::clock;
use lamina_wasm::client::runtime;
use lamina_wasm::core::time::Millis;
use lamina_wasm::host::bindings::resolve;
use lamina_wasm::host::value::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn no_timer_is_armed_while_no_call_waits_for_one() {
    let host = ScriptedHost::installed();
    let notes = Notes::default();
    let id = notes.start(Millis::FOREVER);
    assert_eq!((host.armed_for(), host.timers_set()), (None, 0));
    end(id);
    assert_eq!(host.timers_set(), 0);
}

#[test]
fn a_timer_that_goes_off_early_enough_is_left_alone() {
    let host = ScriptedHost::installed();
    let id = next_number();
    runtime::start(id, move |call: Rc<Call>| async move {
        for pause in [3_000.0, 6_000.0, 1_000.0, 9_000.0] {
            call.next(clock::now() + Millis::new(pause)).await;
        }
        resolve(Value::UNDEFINED);
    });
    let event = || fail(id, &JsValue::NULL);
    assert_eq!((host.armed_for(), host.timers_set()), (Some(3_000.0), 1));
    event();
    assert_eq!((host.armed_for(), host.timers_set()), (Some(3_000.0), 1), "6000 is later");
    event();
    assert_eq!((host.armed_for(), host.timers_set()), (Some(1_000.0), 2));
    event();
    host.pass(1_000.0);
    assert_eq!((host.armed_for(), host.timers_set()), (Some(9_000.0), 3), "it went off before the time");
    host.pass(8_000.0);
    assert_eq!((host.armed_for(), host.is_pending(id)), (None, false));
}

#[test]
fn calls_are_woken_in_the_order_of_their_times_and_none_before() {
    let host = ScriptedHost::installed();
    let log: Rc<RefCell<Vec<(u32, f64)>>> = Rc::default();
    for (number, pause) in (0..).zip([300.0, 100.0, 200.0, 100.0]) {
        let log = Rc::clone(&log);
        let time = host.clone();
        runtime::start(next_number(), move |call: Rc<Call>| async move {
            call.sleep(clock::now() + Millis::new(pause)).await;
            log.borrow_mut().push((number, time.time()));
        });
    }
    host.pass(99.0);
    assert_eq!(*log.borrow(), []);
    host.pass(500.0);
    let mut woken = log.borrow().clone();
    woken[..2].sort_unstable_by_key(|(number, _)| *number);
    assert_eq!(woken, [(1, 100.0), (3, 100.0), (2, 200.0), (0, 300.0)]);
    assert_eq!(host.armed_for(), None);
}

#[test]
fn a_sleep_lasts_its_time_whatever_else_comes() {
    let host = ScriptedHost::installed();
    let notes = Notes::default();
    let (id, inner) = (next_number(), notes.clone());
    runtime::start(id, move |call: Rc<Call>| async move {
        call.sleep(clock::now() + Millis::new(1_000.0)).await;
        inner.add("awake");
    });
    host.pass(500.0);
    answer(id, &js("{ status: 200 }"));
    answer(id, &"k".into());
    assert_eq!((notes.all().as_str(), host.armed_for()), ("", Some(1_000.0)));
    host.pass(500.0);
    assert_eq!(notes.all(), "awake");
}

#[test]
fn a_timer_that_goes_off_a_little_early_is_set_again_for_the_rest() {
    let host = ScriptedHost::installed();
    // Whatever another test did to the clock: here a timer and the clock agree.
    let agreed = Notes::default();
    let id = agreed.start(Millis::new(10.0));
    host.pass(10.0);
    end(id);
    let notes = Notes::default();
    let id = notes.start(Millis::new(1_000.0));
    host.set_time(1_008.6);
    host.fire(id);
    assert_eq!((notes.all().as_str(), host.armed_for()), ("start", Some(1_010.6)));
    host.pass(2.0);
    assert_eq!(notes.all(), "start due");
    end(id);
}

#[test]
fn a_timer_that_goes_off_beside_a_clock_that_stands_is_taken_at_its_word() {
    let host = ScriptedHost::installed();
    let notes = Notes::default();
    let id = notes.start(Millis::new(1_000.0));
    host.fire(id);
    host.fire(id);
    assert_eq!(notes.all(), "start due due");
    end(id);
}

#[test]
fn a_clock_that_is_set_back_delays_nothing() {
    let host = ScriptedHost::installed();
    let notes = Notes::default();
    let id = notes.start(Millis::new(1_000.0));
    host.set_time(-3_600_000.0);
    host.fire(id);
    assert_eq!(notes.all(), "start due");
    end(id);
}

#[test]
fn a_pause_of_less_than_a_millisecond_is_rounded_up() {
    let host = ScriptedHost::installed();
    host.set_time(0.75);
    let notes = Notes::default();
    let id = notes.start(Millis::new(0.5));
    assert_eq!(host.armed_for(), Some(1.75));
    end(id);
}
