//! A call's place in the budget: waited for, and given back however the call ends.

use super::events;
use super::runtime::{self, Call, Event};
use super::Client;
use crate::core::budget::{Grant, RateHead, Request, Ticket};
use crate::core::time::{Instant, Millis};
use crate::host::bindings;
use std::rc::Rc;

/// How often at least a call that cannot be woken by others looks at the budget.
const LOOK_AGAIN: Millis = Millis::new(1_000.0);

/// The right to send one request, or the wait for it.
#[derive(Debug)]
pub struct Permit {
    client: Rc<Client>,
    ticket: Ticket,
    replied: bool,
}

impl Permit {
    /// Waits until the budget allows `request`; `None` where the deadline comes first.
    pub async fn wait(client: &Rc<Client>, call: &Call, request: Request, deadline: Instant) -> Option<Self> {
        let now = runtime::now();
        let ticket = client.budget.borrow_mut().enqueue(request, call.id);
        let permit = Self { client: Rc::clone(client), ticket, replied: false };
        if client.grant(now, Some(ticket)) {
            return Some(permit);
        }
        runtime::budget_changed(Rc::clone(client));
        if events::wanted(client) && matches!(request, Request::Foreground) {
            let pause = client.budget.borrow_mut().poll_timeout(now).since(now);
            events::throttle(pause);
        }
        let separate = bindings::separate();
        loop {
            let until = if separate { deadline.min(client.try_again_at()) } else { deadline };
            match call.next(until).await {
                Event::Granted(granted) if granted == ticket => break,
                Event::Due if runtime::now() >= deadline => return None,
                Event::Due if client.grant(runtime::now(), Some(ticket)) => break,
                _ => {}
            }
        }
        if let Request::Poll { due, .. } = request {
            let held = runtime::now().since(due);
            if events::wanted(client) && held > Millis::new(1_000.0) {
                events::throttle(held);
            }
        }
        Some(permit)
    }

    /// The request was answered, or failed.
    pub fn replied(mut self, head: Option<RateHead>) {
        self.replied = true;
        self.client.budget.borrow_mut().replied(runtime::now(), self.ticket, head);
        runtime::budget_changed(Rc::clone(&self.client));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.replied {
            self.client.budget.borrow_mut().cancel(runtime::now(), self.ticket);
            runtime::budget_changed(Rc::clone(&self.client));
        }
    }
}

impl Client {
    /// Grants what the budget allows by now to the calls that wait for it.
    pub(super) fn grant_what_is_allowed(&self) {
        let now = runtime::now();
        self.grant(now, None);
        if bindings::separate() {
            return;
        }
        let mut alarm = self.alarm.get();
        if let Some(pause) = alarm.set_exactly(now, self.budget.borrow_mut().poll_timeout(now)) {
            bindings::arm_client(self.id, pause.for_timer());
        }
        self.alarm.set(alarm);
    }

    /// When a call that cannot be woken by others looks again whether the budget allows it.
    fn try_again_at(&self) -> Instant {
        let now = runtime::now();
        self.budget.borrow_mut().poll_timeout(now).min(now + LOOK_AGAIN)
    }

    /// As above; tells whether `own` was among what was granted, which its call is not told by an event.
    fn grant(&self, now: Instant, own: Option<Ticket>) -> bool {
        let mut own_granted = false;
        loop {
            let granted = self.budget.borrow_mut().poll_grant(now);
            let Some(Grant { ticket, owner }) = granted else { return own_granted };
            if own == Some(ticket) {
                own_granted = true;
            } else {
                runtime::later(owner, Event::Granted(ticket));
            }
        }
    }
}
