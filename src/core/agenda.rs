//! Numbers in the order of their times.

use super::time::Instant;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A queue by time. Entries are not taken out from the middle: whoever asks passes over what is stale.
#[derive(Debug, Default)]
pub struct Agenda {
    heap: BinaryHeap<Reverse<(Instant, u64)>>,
}

impl Agenda {
    /// Adds an entry.
    #[inline(never)]
    pub fn push(&mut self, at: Instant, number: u64) {
        self.heap.push(Reverse((at, number)));
    }

    /// The earliest entry; of several at one time, that of the lowest number.
    #[must_use]
    pub fn peek(&self) -> Option<(Instant, u64)> {
        self.heap.peek().map(|Reverse(entry)| *entry)
    }

    /// Takes the earliest entry out.
    #[inline(never)]
    pub fn pop(&mut self) -> Option<(Instant, u64)> {
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// Whether there is no entry, not even a stale one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}
