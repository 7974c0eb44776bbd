//! Ten thousand waits at once.

use super::held::fail;
use super::host::{next_number, Lamina};
use super::js::js;
use js_sys::{Reflect, WebAssembly::Memory};
use lamina_wasm::client::operations::Operation;
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;

const MANY: u32 = 10_000;

/// Numbers for so many calls.
fn numbers() -> Vec<u32> {
    (0..MANY).map(|_| next_number()).collect()
}

fn start_waits(lamina: &Lamina, calls: &[u32]) {
    let (id, options) = (JsValue::from("e1"), js("{ timeoutMs: 600000, pollIntervalMs: { min: 3000, max: 15000 } }"));
    calls.iter().for_each(|call| lamina.start_as(*call, Operation::Wait, &id, &JsValue::UNDEFINED, &options, 0.0));
}

/// How large the module's memory is.
fn memory() -> u32 {
    let memory: Memory = wasm_bindgen::memory().unchecked_into();
    Reflect::get(&memory.buffer(), &"byteLength".into()).unwrap().as_f64().unwrap() as u32
}

#[test]
fn ten_thousand_waits_that_are_cancelled_leave_neither_timers_nor_memory() {
    let lamina = Lamina::new("");
    let calls = numbers();
    let running = json!({ "status": 200, "body": { "data": { "executionId": "e1", "status": "running" } } });
    let round = || {
        start_waits(&lamina, &calls);
        // A third is paused, a third pauses after a failure, a third is in flight.
        calls.iter().step_by(3).for_each(|call| lamina.reply(*call, &running));
        calls.iter().skip(1).step_by(3).for_each(|call| fail(*call, &JsValue::NULL));
        assert!(lamina.host.armed_for().is_some());
        calls.iter().for_each(|call| lamina.cancel(*call));
        assert_eq!(lamina.host.armed_for(), None);
        // The budget forgets what was sent more than a minute ago.
        lamina.host.pass(120_000.0);
    };
    round();
    round();
    let at_first = memory();
    (0..4).for_each(|_| round());
    assert_eq!(memory(), at_first, "the later ones take the place of the first");
}

#[test]
fn each_of_ten_thousand_waits_gets_its_own_answer() {
    let lamina = Lamina::new("");
    let calls = numbers();
    start_waits(&lamina, &calls);
    assert_eq!(lamina.host.timers_set(), MANY, "one for each, and none anew");
    for (place, call) in calls.iter().enumerate().rev() {
        let id = format!("of {place}");
        lamina
            .reply(*call, &json!({ "status": 200, "body": { "data": { "executionId": id, "status": "completed" } } }));
    }
    assert_eq!(lamina.host.armed_for(), None);
    for (place, call) in calls.iter().enumerate().step_by(997) {
        assert_eq!(super::js::text(&lamina.host.resolved(*call), "executionId"), format!("of {place}"));
    }
}

#[test]
fn ten_thousand_deadlines_are_kept() {
    let lamina = Lamina::new("maxRetries: 0, attemptTimeoutMs: 1e6");
    let calls = numbers();
    let id = JsValue::from("e1");
    for (place, call) in calls.iter().enumerate() {
        let options = js(&format!("{{ timeoutMs: {} }}", (place * 7_919) % 10_000 + 1));
        lamina.start_as(*call, Operation::GetExecution, &id, &JsValue::UNDEFINED, &options, 0.0);
    }
    lamina.host.pass(5_000.0);
    let pending = calls.iter().filter(|call| lamina.host.is_pending(**call)).count();
    assert_eq!(pending, 5_000);
    lamina.host.pass(5_000.0);
    assert!(calls.iter().all(|call| !lamina.host.is_pending(*call)));
    assert_eq!(lamina.host.armed_for(), None);
}
