//! The calls in flight: each is a future that waits for one thing at a time.

use super::held::{answer, fail};
use super::host::{next_number, ScriptedHost};
use super::js::js;
use lamina_wasm::client::call::{Call, Event};
use lamina_wasm::client::clock;
use lamina_wasm::client::runtime;
use lamina_wasm::core::time::{Instant, Millis};
use lamina_wasm::host::bindings::resolve;
use lamina_wasm::host::value::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What a call notes as it goes, and whether it is gone.
#[derive(Clone, Default)]
pub struct Notes {
    seen: Rc<RefCell<Vec<String>>>,
    dropped: Rc<Cell<u32>>,
}

struct OnDrop(Rc<Cell<u32>>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

impl Notes {
    pub fn add(&self, note: &str) {
        self.seen.borrow_mut().push(note.into());
    }

    pub fn all(&self) -> String {
        self.seen.borrow().join(" ")
    }

    /// Starts a call that notes its events until what it asked for fails with "end", each waited for `patience` at most.
    pub fn start(&self, patience: Millis) -> u32 {
        let id = next_number();
        let notes = self.clone();
        runtime::start(id, move |call| async move {
            let _on_drop = OnDrop(Rc::clone(&notes.dropped));
            notes.add("start");
            loop {
                let until = if patience == Millis::FOREVER { Instant::NEVER } else { clock::now() + patience };
                match call.next(until).await {
                    Event::Refusal(thrown) if thrown.text().as_deref() == Some("end") => break,
                    event => notes.add(&name(event)),
                }
            }
            notes.add("end");
            resolve(Value::UNDEFINED);
        });
        id
    }
}

/// What an event is, and the text that came with it.
fn name(event: Event) -> String {
    match event {
        Event::Answer(value) => format!("answer:{}", value.text().unwrap_or_default()),
        Event::Refusal(thrown) => format!("refusal:{}", thrown.text().unwrap_or_default()),
        Event::Granted(_) => "granted".into(),
        Event::Due => "due".into(),
    }
}

/// Ends a call of [`Notes`].
pub fn end(id: u32) {
    fail(id, &"end".into());
}

#[test]
fn a_call_runs_at_once_and_its_events_come_in_their_order() {
    ScriptedHost::installed();
    let notes = Notes::default();
    let id = notes.start(Millis::FOREVER);
    assert_eq!(notes.all(), "start");
    answer(id, &js("{ status: 200 }"));
    answer(id, &"k1".into());
    fail(id, &"k2".into());
    fail(id, &JsValue::NULL);
    end(id);
    assert_eq!(notes.all(), "start answer: answer:k1 refusal:k2 refusal: end");
    assert_eq!(notes.dropped.get(), 1);
}

#[test]
fn an_event_for_a_call_that_is_over_or_never_was_is_ignored() {
    let host = ScriptedHost::installed();
    let notes = Notes::default();
    let (over, cancelled) = (notes.start(Millis::FOREVER), notes.start(Millis::new(100.0)));
    end(over);
    host.cancel(cancelled);
    let before = notes.all();
    for id in [over, cancelled, next_number() + 1_000, u32::MAX] {
        answer(id, &js("{ status: 200 }"));
        fail(id, &JsValue::NULL);
        answer(id, &"k".into());
        lamina_wasm::tick(id);
        lamina_wasm::cancel(id);
    }
    host.pass(1_000.0);
    assert_eq!(notes.all(), before);
    assert_eq!(notes.dropped.get(), 2);
}

#[test]
fn a_call_that_is_cancelled_is_freed_at_once_and_sets_no_timer_any_more() {
    let host = ScriptedHost::installed();
    let notes = Notes::default();
    let id = notes.start(Millis::new(5_000.0));
    assert_eq!(host.armed_for(), Some(5_000.0));
    host.cancel(id);
    assert_eq!((notes.dropped.get(), host.armed_for()), (1, None));
    host.fire(id);
    assert_eq!((notes.all().as_str(), host.timers_set()), ("start", 1));
}

#[test]
fn a_call_may_end_within_its_start() {
    let host = ScriptedHost::installed();
    let dropped = Rc::new(Cell::new(0));
    let guard = OnDrop(Rc::clone(&dropped));
    runtime::start(next_number(), move |_| async move { drop(guard) });
    assert_eq!((dropped.get(), host.timers_set()), (1, 0));
}

#[test]
fn a_number_is_free_for_another_call_when_its_call_is_over() {
    let host = ScriptedHost::installed();
    let (first, second) = (Notes::default(), Notes::default());
    let id = first.start(Millis::new(50.0));
    host.cancel(id);
    let inner = second.clone();
    runtime::start(id, move |call: Rc<Call>| async move {
        call.sleep(clock::now() + Millis::new(100.0)).await;
        inner.add("awake");
        resolve(Value::UNDEFINED);
    });
    host.pass(99.0);
    assert_eq!(second.all(), "", "the first one's time is not its own");
    host.pass(1.0);
    assert_eq!((first.all().as_str(), second.all().as_str()), ("start", "awake"));
}

#[test]
fn what_one_call_drops_may_cancel_another() {
    struct Cancels(u32);
    impl Drop for Cancels {
        fn drop(&mut self) {
            lamina_wasm::cancel(self.0);
        }
    }
    let host = ScriptedHost::installed();
    let notes = Notes::default();
    let victim = notes.start(Millis::new(10.0));
    let id = next_number();
    runtime::start(id, move |call: Rc<Call>| async move {
        let _cancels = Cancels(victim);
        call.sleep(Instant::NEVER).await;
    });
    host.cancel(id);
    assert_eq!(notes.dropped.get(), 1);
}
