//! A call's place in the budget: waited for, and given back however the call ends.

use super::events;
use super::runtime::{self, Call, Event};
use super::Client;
use crate::core::budget::{Grant, RateHead, Request, Ticket};
use crate::core::time::{Instant, Millis};
use std::rc::Rc;

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
            events::throttle(call, pause);
        }
        loop {
            match call.next(deadline).await {
                Event::Granted(granted) if granted == ticket => break,
                Event::Due if runtime::now() >= deadline => return None,
                _ => {}
            }
        }
        if let Request::Poll { due, .. } = request {
            let held = runtime::now().since(due);
            if events::wanted(client) && held > Millis::new(1_000.0) {
                events::throttle(call, held);
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
    /// Grants what the budget allows by now to the calls that wait for it; returns when to ask again, where that is new.
    pub(super) fn grant_what_is_allowed(&self) -> Option<Instant> {
        let now = runtime::now();
        self.grant(now, None);
        let at = self.budget.borrow_mut().poll_timeout(now);
        (self.wake_at.replace(at) != at).then_some(at)
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
