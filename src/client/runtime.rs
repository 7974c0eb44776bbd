//! The calls in flight: a small executor whose every wake-up comes through one guarded door.
//!
//! A call is a future that waits for one thing at a time: an event from the shell, or its timer. The shell enters the
//! module by the exports only, each inside one `try`, so that a trap is caught there and every call in flight is
//! rejected. A general executor would be woken by closures of its own (microtasks, timers), where a trap is nobody's:
//! promises stay pending and Node ends the process.

use super::Client;
use crate::core::budget::Ticket;
use crate::core::clock::Clock;
use crate::core::time::Instant;
use crate::core::timers::{Sleeper, Timers};
use crate::host::bindings;
use crate::host::reply::Reply;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::JsValue;

/// What a call waits for.
#[derive(Debug)]
pub enum Event {
    /// The attempt was answered.
    Reply(Reply),
    /// The attempt failed: what `fetch` rejected with or threw.
    Failed(JsValue),
    /// The user's function gave a key.
    Key(JsValue),
    /// The user's function for the key threw.
    KeyFailed(JsValue),
    /// The budget allows the request.
    Granted(Ticket),
    /// The time is over.
    Due,
}

/// One call in flight, as its future sees it.
#[derive(Debug)]
pub struct Call {
    /// The shell's number for it.
    pub id: u32,
    event: RefCell<Option<Event>>,
    wake_at: Cell<Instant>,
}

impl Call {
    /// Waits for the next event, `until` at most.
    pub async fn next(&self, until: Instant) -> Event {
        poll_fn(|_| {
            if let Some(event) = self.event.borrow_mut().take() {
                self.wake_at.set(Instant::NEVER);
                return Poll::Ready(event);
            }
            if self.wake_at.replace(until) != until {
                RUNTIME.with(|runtime| runtime.timers.borrow_mut().set(Sleeper::Call(self.id), until));
            }
            Poll::Pending
        })
        .await
    }

    /// Waits until `until`, whatever happens.
    pub async fn sleep(&self, until: Instant) {
        while !matches!(self.next(until).await, Event::Due) {}
    }
}

type Work = Pin<Box<dyn Future<Output = ()>>>;

struct InFlight {
    call: Rc<Call>,
    /// Taken out while it is polled.
    work: Option<Work>,
}

#[derive(Default)]
struct Runtime {
    clock: Cell<Clock>,
    calls: RefCell<Vec<Option<InFlight>>>,
    clients: RefCell<Vec<Option<Rc<Client>>>>,
    timers: RefCell<Timers>,
    /// Calls with an event that was found for them while another ran.
    ready: RefCell<VecDeque<(u32, Event)>>,
    /// Clients whose budget changed.
    changed: RefCell<Vec<Rc<Client>>>,
    /// When the host's timer was set, and for when.
    armed: Cell<Option<(Instant, Instant)>>,
    live: Cell<usize>,
}

thread_local! {
    static RUNTIME: Runtime = Runtime::default();
}

/// The client's time, by a fresh look at the host's clock.
pub fn now() -> Instant {
    RUNTIME.with(|runtime| {
        let mut clock = runtime.clock.get();
        let now = clock.read(bindings::now());
        runtime.clock.set(clock);
        now
    })
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
    let call = Rc::new(Call { id, event: RefCell::new(None), wake_at: Cell::new(Instant::NEVER) });
    let work: Work = Box::pin(work(Rc::clone(&call)));
    RUNTIME.with(|runtime| {
        put(&mut runtime.calls.borrow_mut(), id, InFlight { call, work: Some(work) });
        runtime.live.set(runtime.live.get().saturating_add(1));
    });
    run(id, None);
    finish_turn();
}

/// Hands `event` to the call with this number.
pub fn resume(id: u32, event: Event) {
    run(id, Some(event));
    finish_turn();
}

/// Drops a call: its promise is settled already.
pub fn cancel(id: u32) {
    remove(id);
    finish_turn();
}

/// The host's timer fired.
pub fn tick() {
    RUNTIME.with(|runtime| {
        let mut clock = runtime.clock.get();
        clock.read(bindings::now());
        if let Some((set, due)) = runtime.armed.take() {
            clock.fired(set, due);
        }
        runtime.clock.set(clock);
        let now = clock.now();
        loop {
            let due = runtime.timers.borrow_mut().pop_due(now);
            let Some((at, sleeper)) = due else { break };
            if runtime.wants(sleeper) == at {
                match sleeper {
                    Sleeper::Call(id) => run(id, Some(Event::Due)),
                    Sleeper::Client(id) => {
                        if let Some(client) = client(id) {
                            client.wake_at.set(Instant::NEVER);
                            budget_changed(client);
                        }
                    }
                }
            }
        }
    });
    finish_turn();
}

/// The budget of `client` changed: before this turn ends, what it now allows is granted.
pub fn budget_changed(client: Rc<Client>) {
    RUNTIME.with(|runtime| runtime.changed.borrow_mut().push(client));
}

/// Before this turn ends, the call with this number gets `event`.
pub fn later(id: u32, event: Event) {
    RUNTIME.with(|runtime| runtime.ready.borrow_mut().push_back((id, event)));
}

impl Runtime {
    /// When `sleeper` wants to be woken.
    fn wants(&self, sleeper: Sleeper) -> Instant {
        match sleeper {
            Sleeper::Call(id) => match self.calls.borrow().get(id as usize) {
                Some(Some(in_flight)) => in_flight.call.wake_at.get(),
                _ => Instant::NEVER,
            },
            Sleeper::Client(id) => match self.clients.borrow().get(id as usize) {
                Some(Some(client)) => client.wake_at.get(),
                _ => Instant::NEVER,
            },
        }
    }

    /// Sets the host's timer for the earliest that waits.
    fn arm(&self) {
        let mut timers = self.timers.borrow_mut();
        if timers.needs_sweep(self.live.get().saturating_add(self.clients.borrow().len())) {
            let calls = self.calls.borrow();
            let clients = self.clients.borrow();
            let calls = calls.iter().flatten().map(|in_flight| (in_flight.call.wake_at.get(), Sleeper::Call(in_flight.call.id)));
            let clients = clients.iter().flatten().map(|client| (client.wake_at.get(), Sleeper::Client(client.id)));
            timers.sweep(calls.chain(clients));
        }
        let next = timers.next(|sleeper| self.wants(sleeper));
        let next = (next != Instant::NEVER && self.live.get() > 0).then_some(next);
        if next != self.armed.get().map(|(_, due)| due) {
            let now = self.clock.get().now();
            self.armed.set(next.map(|due| (now, due)));
            // Longer than a host's timer can count is asked for in parts.
            let pause = next.map_or(-1.0, |due| due.since(now).get().min(2_147_483_647.0));
            bindings::arm(pause.ceil());
        }
    }
}

fn run(id: u32, event: Option<Event>) {
    let taken = RUNTIME.with(|runtime| {
        let mut calls = runtime.calls.borrow_mut();
        let in_flight = calls.get_mut(id as usize)?.as_mut()?;
        in_flight.call.event.replace(event);
        in_flight.work.take()
    });
    let Some(mut work) = taken else { return };
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
    let removed = RUNTIME.with(|runtime| {
        let removed = take(&mut runtime.calls.borrow_mut(), id);
        if removed.is_some() {
            runtime.live.set(runtime.live.get().saturating_sub(1));
        }
        removed
    });
    // Outside of every borrow: what the future holds gives its place in the budget back as it goes.
    drop(removed);
}

fn finish_turn() {
    RUNTIME.with(|runtime| {
        loop {
            let changed = runtime.changed.borrow_mut().pop();
            if let Some(client) = changed {
                if let Some(at) = client.grant_what_is_allowed() {
                    runtime.timers.borrow_mut().set(Sleeper::Client(client.id), at);
                }
                continue;
            }
            let next = runtime.ready.borrow_mut().pop_front();
            let Some((id, event)) = next else { break };
            run(id, Some(event));
        }
        runtime.arm();
    });
}

fn put<T>(list: &mut Vec<Option<T>>, id: u32, item: T) {
    let index = id as usize;
    if list.len() <= index {
        list.resize_with(index.saturating_add(1), || None);
    }
    if let Some(place) = list.get_mut(index) {
        *place = Some(item);
    }
}

fn take<T>(list: &mut [Option<T>], id: u32) -> Option<T> {
    list.get_mut(id as usize)?.take()
}
