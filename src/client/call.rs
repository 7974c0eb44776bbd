//! One call in flight, as its future sees it: what it can wait for.

use super::clock;
use crate::core::alarm::Alarm;
use crate::core::budget::Ticket;
use crate::core::time::Instant;
use crate::host::bindings;
use crate::host::value::Value;
use std::cell::Cell;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;

/// What a call waits for.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// What the host was asked for came: the answer to an attempt, a key of the user's function, a verified signature.
    Answer(Value),
    /// It failed with this: what `fetch` rejected with or threw, for one.
    Refusal(Value),
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
    pub(super) event: Cell<Option<Event>>,
    /// An execution that came by another way than this call's own looks.
    pub(super) arrived: Cell<Option<Value>>,
    pub(super) alarm: Cell<Alarm>,
    /// How many attempts went out.
    pub attempts: Cell<u32>,
}

impl Call {
    /// A call that begins.
    pub(super) fn new(id: u32) -> Self {
        Self { id, event: Cell::default(), arrived: Cell::default(), alarm: Cell::default(), attempts: Cell::default() }
    }

    /// The next event; where there is none yet, the call is woken `until` then at the latest.
    #[inline(never)]
    fn poll_next(&self, until: Instant) -> Poll<Event> {
        if let Some(event) = self.event.take() {
            return Poll::Ready(event);
        }
        self.wake_at(until);
        Poll::Pending
    }

    /// Waits for the next event, `until` at most.
    pub fn next(&self, until: Instant) -> impl Future<Output = Event> + '_ {
        poll_fn(move |_| self.poll_next(until))
    }

    /// The host's timer goes off `until` then at the latest.
    pub(super) fn wake_at(&self, until: Instant) {
        let mut alarm = self.alarm.get();
        if let Some(pause) = alarm.set(clock::now(), until) {
            bindings::arm(self.id, pause.for_timer());
        }
        self.alarm.set(alarm);
    }

    #[inline(never)]
    fn poll_answer(&self, until: Instant) -> Poll<Option<Result<Value, Value>>> {
        loop {
            match self.poll_next(until) {
                Poll::Ready(Event::Answer(value)) => return Poll::Ready(Some(Ok(value))),
                Poll::Ready(Event::Refusal(thrown)) => return Poll::Ready(Some(Err(thrown))),
                Poll::Ready(Event::Due) if clock::now() >= until => return Poll::Ready(None),
                Poll::Ready(_) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Waits for what the host was asked for; `None` where `until` comes first.
    pub fn answer(&self, until: Instant) -> impl Future<Output = Option<Result<Value, Value>>> + '_ {
        poll_fn(move |_| self.poll_answer(until))
    }

    /// What comes of `work`; or, as the error, an execution that arrives before.
    pub async fn unless_arrived<T>(&self, work: impl Future<Output = T>) -> Result<T, Value> {
        let mut work = pin!(work);
        poll_fn(|context| match self.arrived.take() {
            Some(execution) => Poll::Ready(Err(execution)),
            None => work.as_mut().poll(context).map(Ok),
        })
        .await
    }

    /// Waits until `until`, whatever happens.
    pub fn sleep(&self, until: Instant) -> impl Future<Output = ()> + '_ {
        poll_fn(move |_| loop {
            match self.poll_next(until) {
                Poll::Ready(Event::Due) => return Poll::Ready(()),
                Poll::Ready(_) => {}
                Poll::Pending => return Poll::Pending,
            }
        })
    }
}
