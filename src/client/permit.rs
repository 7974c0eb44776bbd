//! A call's place in the budget: waited for, and given back however the call ends.

use super::attempt::{Context, Sending};
use super::call::Event;
use super::clock;
use super::events;
use super::runtime;
use super::Client;
use crate::core::budget::{Grant, RateHead, Request, Ticket};
use crate::core::time::{Instant, Millis};
use crate::host::bindings;

/// How often at least a call that cannot be woken by others looks at the budget.
const LOOK_AGAIN: Millis = Millis::new(1_000.0);

impl Context<'_> {
    /// Waits until the budget allows the request; tells whether it did before the deadline. The place is the call's until it
    /// is given back.
    pub async fn permitted(&self, sending: &Sending) -> bool {
        let Sending { request, deadline, .. } = sending;
        let (client, deadline) = (self.client, *deadline);
        let now = clock::now();
        let is_foreground = matches!(request, Request::Foreground);
        if is_foreground {
            let granted = client.budget.borrow_mut().grant_at_once(now, self.call.id);
            self.ticket.set(granted);
            if granted.is_some() {
                return true;
            }
        }
        let ticket = client.budget.borrow_mut().enqueue(*request, self.call.id);
        self.ticket.set(Some(ticket));
        if client.grant(now, Some(ticket)) {
            return true;
        }
        runtime::budget_changed(client);
        if self.config.on_event && is_foreground {
            let pause = client.budget.borrow_mut().poll_timeout(now).since(now);
            events::throttle(pause);
        }
        let separate = bindings::separate();
        loop {
            let until = if separate { deadline.min(client.try_again_at()) } else { deadline };
            match self.call.next(until).await {
                Event::Granted(granted) if granted == ticket => break,
                Event::Due if clock::now() >= deadline => return false,
                Event::Due if client.grant(clock::now(), Some(ticket)) => break,
                _ => {}
            }
        }
        if let Request::Poll { due, .. } = request {
            let held = clock::now().since(*due);
            if self.config.on_event && held > Millis::new(1_000.0) {
                events::throttle(held);
            }
        }
        true
    }

    /// The request was answered, or is not sent any more; `head` is what the answer said of the server's limit.
    #[inline(never)]
    pub fn give_back(&self, head: Option<RateHead>) {
        if let Some(ticket) = self.ticket.take() {
            let client = self.client;
            client.budget.borrow_mut().replied(clock::now(), ticket, head);
            if !client.budget.borrow().is_idle() || client.alarm.get().wanted() != Instant::NEVER {
                runtime::budget_changed(client);
            }
        }
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        self.give_back(None);
    }
}

impl Client {
    /// Grants what the budget allows by now to the calls that wait for it.
    pub(super) fn grant_what_is_allowed(&self) {
        let now = clock::now();
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
        let now = clock::now();
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
