//! The requests of the last 60 seconds.

use crate::core::time::{Instant, Millis};
use std::collections::VecDeque;

const LENGTH: Millis = Millis::new(60_000.0);

/// A sliding log. A request counts from its sending until 60 seconds after its answer.
#[derive(Debug, Default)]
pub struct Window {
    /// When each answered request ceases to count, in this order.
    ends: VecDeque<Instant>,
    in_flight: usize,
}

impl Window {
    /// How many requests count now.
    pub fn used(&mut self, now: Instant) -> usize {
        while self.ends.front().is_some_and(|end| *end <= now) {
            self.ends.pop_front();
        }
        self.ends.len().saturating_add(self.in_flight)
    }

    /// When fewer than `limit` of the `used` requests count; never where that takes an answer.
    pub fn room_at(&self, now: Instant, used: usize, limit: usize) -> Instant {
        match used.checked_sub(limit) {
            None => now,
            Some(surplus) => self.ends.get(surplus).copied().unwrap_or(Instant::NEVER),
        }
    }

    /// A request was sent.
    pub fn sent(&mut self) {
        self.in_flight = self.in_flight.saturating_add(1);
    }

    /// A request was answered, failed or given up. It is remembered where there `is_limited` something.
    pub fn replied(&mut self, now: Instant, is_limited: bool) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if is_limited {
            self.ends.push_back(now + LENGTH);
        }
    }

    /// How many requests wait for their answer.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }
}
