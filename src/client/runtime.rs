//! The calls in flight: a small executor whose every wake-up comes through one guarded door.
//!
//! A call is a future that waits for one thing at a time: an event from the shell, or its timer. The shell enters the
//! module by the exports only, each inside one `try`, so that a trap is caught there and every call in flight is
//! rejected. A general executor would be woken by closures of its own (microtasks, timers), where a trap is nobody's:
//! promises stay pending and Node ends the process.

use super::call::{Call, Event};
use super::clock;
use super::Client;
use crate::core::time::Millis;
use crate::host::bindings;
use crate::host::value::Value;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

/// A call that was not woken so long after its time lives no more, where contexts can end.
const GONE_AFTER: Millis = Millis::new(5_000.0);

type Work = Pin<Box<dyn Future<Output = ()>>>;

struct InFlight {
    call: Rc<Call>,
    /// Taken out while it is polled.
    work: Option<Work>,
}

struct Runtime {
    calls: RefCell<Vec<Option<InFlight>>>,
    clients: RefCell<Vec<Option<Rc<Client>>>>,
    /// Calls with an event that was found for them while another ran.
    ready: RefCell<VecDeque<(u32, Event)>>,
    /// Clients whose budget changed.
    changed: RefCell<Vec<Rc<Client>>>,
}

thread_local! {
    // Made by the compiler: a value that is made at its first use costs a check at each.
    static RUNTIME: Runtime = const {
        Runtime {
            calls: RefCell::new(Vec::new()),
            clients: RefCell::new(Vec::new()),
            ready: RefCell::new(VecDeque::new()),
            changed: RefCell::new(Vec::new()),
        }
    };
}

/// Puts `client` where calls find it by its number.
pub fn open(client: Rc<Client>) {
    RUNTIME.with(|runtime| put(&mut runtime.clients.borrow_mut(), client.id, client));
}

/// Forgets a client; calls in flight keep theirs.
pub fn close(id: u32) {
    let client = RUNTIME.with(|runtime| take(&mut runtime.clients.borrow_mut(), id));
    drop(client);
}

/// The client with this number.
pub fn client(id: u32) -> Option<Rc<Client>> {
    RUNTIME.with(|runtime| runtime.clients.borrow().get(id as usize)?.clone())
}

/// Starts a call: `work` makes its future, which settles the call's promise itself.
pub fn start<F: Future<Output = ()> + 'static>(id: u32, work: impl FnOnce(Rc<Call>) -> F) {
    // The shell gives no number again before its call is over or forgotten.
    let is_alone = id == 0 && RUNTIME.with(|runtime| runtime.calls.borrow().len()) <= 1;
    if !is_alone && bindings::separate() {
        sweep();
    }
    let call = Rc::new(Call::new(id));
    let work: Work = Box::pin(work(Rc::clone(&call)));
    RUNTIME.with(|runtime| put(&mut runtime.calls.borrow_mut(), id, InFlight { call, work: Some(work) }));
    run(id, None);
    finish_turn();
}

/// Hands `event` to the call with this number.
pub fn resume(id: u32, event: Event) {
    run(id, Some(event));
    finish_turn();
}

/// Hands an execution to the call that waits for it.
pub fn arrive(id: u32, execution: Value) {
    if let Some(call) = RUNTIME.with(|runtime| runtime.call(id)) {
        call.arrived.set(Some(execution));
        run(id, None);
    }
    finish_turn();
}

/// Drops a call: its promise is settled already.
pub fn cancel(id: u32) {
    clock::look();
    remove(id);
    finish_turn();
}

/// The timer of a call went off.
pub fn tick(id: u32) {
    clock::look();
    if let Some(call) = RUNTIME.with(|runtime| runtime.call(id)) {
        let mut alarm = call.alarm.get();
        let is_due = clock::went_off(&mut alarm);
        call.alarm.set(alarm);
        if is_due {
            // An event that came from another context has waited for this.
            let event = call.event.take().unwrap_or(Event::Due);
            run(id, Some(event));
        } else {
            call.wake_at(alarm.wanted());
        }
    }
    finish_turn();
}

/// The timer of a client's budget went off.
pub fn tick_client(id: u32) {
    clock::look();
    if let Some(client) = client(id) {
        let mut alarm = client.alarm.get();
        clock::went_off(&mut alarm);
        client.alarm.set(alarm);
        budget_changed(&client);
    }
    finish_turn();
}

/// Drops the calls whose contexts ended before their time came: nothing else ever tells.
fn sweep() {
    clock::look();
    let gone_before = clock::now() - GONE_AFTER;
    let mut gone = Vec::new();
    RUNTIME.with(|runtime| {
        for InFlight { call, .. } in runtime.calls.borrow().iter().flatten() {
            if call.alarm.get().wanted() < gone_before {
                gone.push(call.id);
            }
        }
    });
    for id in gone {
        remove(id);
        bindings::forget(id);
    }
}

/// The budget of `client` changed: before this turn ends, what it now allows is granted.
#[inline(never)]
pub fn budget_changed(client: &Rc<Client>) {
    RUNTIME.with(|runtime| runtime.changed.borrow_mut().push(Rc::clone(client)));
}

/// Before this turn ends, the call with this number gets `event`.
pub fn later(id: u32, event: Event) {
    RUNTIME.with(|runtime| runtime.ready.borrow_mut().push_back((id, event)));
}

impl Runtime {
    fn call(&self, id: u32) -> Option<Rc<Call>> {
        Some(Rc::clone(&self.calls.borrow().get(id as usize)?.as_ref()?.call))
    }
}

fn run(id: u32, event: Option<Event>) {
    let taken = RUNTIME.with(|runtime| {
        let mut calls = runtime.calls.borrow_mut();
        let in_flight = calls.get_mut(id as usize)?.as_mut()?;
        if event.is_some() {
            in_flight.call.event.set(event);
        }
        in_flight.work.take()
    });
    let Some(mut work) = taken else { return };
    clock::shows(bindings::run(id));
    if work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
        drop(work);
        remove(id);
        return;
    }
    RUNTIME.with(|runtime| {
        if let Some(Some(in_flight)) = runtime.calls.borrow_mut().get_mut(id as usize) {
            in_flight.work = Some(work);
        }
    });
}

fn remove(id: u32) {
    let removed = RUNTIME.with(|runtime| take(&mut runtime.calls.borrow_mut(), id));
    // Outside of every borrow: what the future holds gives its place in the budget back as it goes.
    drop(removed);
}

fn finish_turn() {
    RUNTIME.with(|runtime| loop {
        let changed = runtime.changed.borrow_mut().pop();
        if let Some(client) = changed {
            client.grant_what_is_allowed();
            continue;
        }
        let next = runtime.ready.borrow_mut().pop_front();
        let Some((id, event)) = next else { break };
        if bindings::separate() {
            // Its own timer, which it set before, finds it.
            if let Some(call) = runtime.call(id) {
                call.event.set(Some(event));
            }
        } else {
            run(id, Some(event));
        }
    });
}

fn put<T>(list: &mut Vec<Option<T>>, id: u32, item: T) {
    let index = id as usize;
    while list.len() <= index {
        list.push(None);
    }
    if let Some(place) = list.get_mut(index) {
        *place = Some(item);
    }
}

fn take<T>(list: &mut [Option<T>], id: u32) -> Option<T> {
    list.get_mut(id as usize)?.take()
}
