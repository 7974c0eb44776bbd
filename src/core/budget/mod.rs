//! The rate budget: when a client's next request may be sent.
//!
//! All calls of one client share it. It keeps the client's own limit, obeys what the server says of its limit, lets
//! foreground calls go before polls, and spreads the polls of many waits evenly. A wait does not sleep between its polls:
//! it queues the next one with the time at which it is due.

mod pace;
mod queue;
mod server;
mod typical;
mod window;

use super::time::{Instant, Millis};
use pace::Pace;
use queue::Queue;
pub use queue::Ticket;
pub use server::RateHead;
use server::Server;
pub use typical::AppKey;
use typical::Typical;
use window::Window;

/// Once no poll has gone for so long, one may take a place that is kept for calls.
const PATIENCE: Millis = Millis::new(15_000.0);

/// A request that wants to be sent.
#[derive(Clone, Copy, Debug)]
pub enum Request {
    /// Somebody waits for the answer of this very call.
    Foreground,
    /// A look at an execution.
    Poll {
        /// When it is to happen, if the budget allows.
        due: Instant,
        /// When the execution began.
        began: Instant,
        /// Its app.
        app: AppKey,
    },
}

/// The right to send one request, for the call that asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What the answer is reported by.
    pub ticket: Ticket,
    /// The number that the call gave.
    pub owner: u32,
}

/// The budget of one client.
#[derive(Debug)]
pub struct Budget {
    /// What the user set: requests in any 60 seconds; `None` where the client's own limit is switched off.
    own_limit: Option<u32>,
    /// That, or less where the server said so.
    limit: Option<usize>,
    window: Window,
    server: Server,
    queue: Queue,
    pace: Pace,
    /// When the last poll was sent.
    last_poll: Instant,
    typical: Typical,
}

impl Budget {
    /// A budget of so many requests in any 60 seconds; without a limit of its own where `None`.
    #[must_use]
    pub fn new(per_minute: Option<u32>) -> Self {
        Self {
            own_limit: per_minute,
            limit: per_minute.map(|limit| limit as usize),
            window: Window::default(),
            server: Server::default(),
            queue: Queue::default(),
            pace: Pace::new(per_minute),
            last_poll: Instant::new(f64::NEG_INFINITY),
            typical: Typical::default(),
        }
    }

    /// A foreground request of the call `owner` that is granted without being queued, as most are: nothing waits before it, and there
    /// is room.
    pub fn grant_at_once(&mut self, now: Instant, owner: u32) -> Option<Ticket> {
        let waits = self.queue.has_foreground() || self.server.free_at(now) > now;
        if waits || self.window.used(now) >= self.foreground_limit() {
            return None;
        }
        self.window.sent();
        self.server.sent();
        Some(self.queue.sent(owner))
    }

    /// Whether nothing waits for a grant; where something was cancelled, perhaps not even then.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// Queues a request of the call `owner`.
    pub fn enqueue(&mut self, request: Request, owner: u32) -> Ticket {
        self.queue.push(request, owner)
    }

    /// The call ended: its request is not sent any more; or if it was, it counts as answered now.
    pub fn cancel(&mut self, now: Instant, ticket: Ticket) {
        self.replied(now, ticket, None);
    }

    /// A granted request was answered, or failed; `head` is what the answer said of the server's limit.
    pub fn replied(&mut self, now: Instant, ticket: Ticket, head: Option<RateHead>) {
        if self.queue.remove(ticket) {
            self.window.replied(now, self.limit.is_some());
        }
        if let Some(head) = head {
            self.server.said(now, head, self.window.in_flight());
        }
    }

    /// The server refused a request and asked for a pause: nothing goes before it is over.
    pub fn block(&mut self, now: Instant, pause: Millis) {
        self.server.block(now + pause);
    }

    /// The server's own limit, in requests a minute: the client keeps the lower of the two, unless its own is switched off.
    pub fn server_limit(&mut self, per_minute: u32) {
        let lower = self.own_limit.map(|own| own.min(per_minute.max(1)));
        if self.limit != lower.map(|limit| limit as usize) {
            self.limit = lower.map(|limit| limit as usize);
            self.pace = Pace::new(lower);
        }
    }

    /// How long the server's word still forbids every request.
    #[must_use]
    pub fn blocked_for(&self, now: Instant) -> Millis {
        self.server.free_at(now).since(now)
    }

    /// An execution of `app` was over after so long.
    pub fn learn(&mut self, app: AppKey, duration: Millis) {
        self.typical.learn(app, duration);
    }

    /// The next request that may be sent now. It counts from here on until its answer is reported, and 60 seconds more:
    /// only the answer tells by when at the latest the server had counted it.
    pub fn poll_grant(&mut self, now: Instant) -> Option<Grant> {
        self.queue.ripen(now, |app, began, due| self.typical.head_start(app, due.since(began)));
        if self.server.free_at(now) > now {
            return None;
        }
        let used = self.window.used(now);
        let grant = if self.queue.has_foreground() && used < self.foreground_limit() {
            self.queue.pop_foreground()
        } else if self.queue.has_ripe() && used < self.poll_limit(now) && self.pace.allows(now, self.queue.polls()) {
            let grant = self.queue.pop_ripe();
            self.pace.sent(now, self.queue.polls());
            self.last_poll = now;
            grant
        } else {
            if !self.queue.has_ripe() {
                self.pace.idle(now);
            }
            None
        }?;
        self.window.sent();
        self.server.sent();
        Some(grant)
    }

    /// When [`Budget::poll_grant`] is to be asked again; never where only an answer or another request can change it.
    #[must_use]
    pub fn poll_timeout(&mut self, now: Instant) -> Instant {
        let free_at = self.server.free_at(now);
        let used = self.window.used(now);
        let mut earliest = Instant::NEVER;
        if self.queue.has_foreground() {
            earliest = self.window.room_at(now, used, self.foreground_limit());
        }
        if let Some(due) = self.queue.next_due(now) {
            let kept = self.window.room_at(now, used, self.foreground_limit()).max(self.last_poll + PATIENCE);
            let room_at = self.window.room_at(now, used, self.poll_limit(now)).min(kept);
            let pace_at = self.pace.at(now, self.queue.polls());
            earliest = earliest.min(due.max(room_at).max(pace_at));
        }
        earliest.max(free_at)
    }

    fn foreground_limit(&self) -> usize {
        self.limit.unwrap_or(usize::MAX)
    }

    /// Polls leave a twentieth of the budget to foreground calls, so that these need not wait for a place; unless they
    /// would starve beside calls that use the rest.
    fn poll_limit(&self, now: Instant) -> usize {
        let starves = now >= self.last_poll + PATIENCE;
        self.limit.map_or(usize::MAX, |limit| if starves { limit } else { limit.saturating_sub(limit / 20) })
    }
}

#[cfg(test)]
mod tests;
