//! What the server says of its own limit, which only ever lowers the client's.

use crate::core::time::{Instant, Millis};

/// `RateLimit-Remaining` and `RateLimit-Reset` of one answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct RateHead {
    /// How many requests the server still takes.
    pub remaining: Option<u32>,
    /// In how long it takes its full number again.
    pub reset_in: Option<Millis>,
}

/// Two resets that are closer than this are one, rounded to seconds on the way.
const SAME_RESET: Millis = Millis::new(2_000.0);

/// What is known of the server's limit.
#[derive(Debug)]
pub struct Server {
    blocked_until: Instant,
    /// Until `reset_at`, so many may still be sent.
    remaining: usize,
    reset_at: Instant,
}

impl Default for Server {
    fn default() -> Self {
        let past = Instant::new(f64::NEG_INFINITY);
        Self { blocked_until: past, remaining: 0, reset_at: past }
    }
}

impl Server {
    /// Nothing may be sent before `until`.
    pub fn block(&mut self, until: Instant) {
        self.blocked_until = self.blocked_until.max(until);
    }

    /// An answer came while `in_flight` others were under way, which the server had perhaps not counted yet.
    pub fn said(&mut self, now: Instant, head: RateHead, in_flight: usize) {
        // A number without an end says nothing of when to go on.
        let (Some(remaining), Some(reset_in)) = (head.remaining, head.reset_in) else { return };
        let reset_at = now + reset_in;
        let remaining = (remaining as usize).saturating_sub(in_flight);
        let is_same = self.reset_at > now && reset_at < self.reset_at + SAME_RESET;
        // Answers overtake each other: within one window the lower number is the later.
        self.remaining = if is_same { self.remaining.min(remaining) } else { remaining };
        self.reset_at = if is_same { self.reset_at.max(reset_at) } else { reset_at };
    }

    /// From when on a request may be sent.
    pub fn free_at(&self, now: Instant) -> Instant {
        let used_up = self.remaining == 0 && self.reset_at > now;
        self.blocked_until.max(if used_up { self.reset_at } else { now })
    }

    /// A request was sent.
    pub fn sent(&mut self) {
        self.remaining = self.remaining.saturating_sub(1);
    }
}
