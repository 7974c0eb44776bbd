//! Who waits for a place in the budget.

use super::typical::AppKey;
use super::{Grant, Request};
use crate::core::agenda::Agenda;
use crate::core::time::{Instant, Millis};

/// The number of one request in the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    slot: u32,
    /// How often the slot was used before: a ticket of an ended call is not taken for another's.
    round: u32,
}

impl Ticket {
    fn number(self) -> u64 {
        u64::from(self.round) << 32 | u64::from(self.slot)
    }

    #[allow(clippy::cast_possible_truncation, reason = "it was made of twice 32 bits")]
    const fn of(number: u64) -> Self {
        Self { slot: number as u32, round: (number >> 32) as u32 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Foreground,
    Poll { began: Instant, app: AppKey, due: Instant },
    InFlight,
    PollInFlight,
}

#[derive(Debug)]
struct Slot {
    round: u32,
    owner: u32,
    state: State,
}

/// The requests that are queued or in flight. Those that are cancelled leave their entries in the lists behind, which are
/// passed over when their turn comes.
#[derive(Debug, Default)]
pub struct Queue {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Foreground calls, in their order.
    foreground: Agenda,
    calls: u32,
    /// Polls by when they are due.
    unripe: Agenda,
    /// Polls that are due, by rank: when they were due, less their head start.
    ripe: Agenda,
    polls: usize,
}

impl Queue {
    /// Queues a request.
    pub fn push(&mut self, request: Request, owner: u32) -> Ticket {
        match request {
            Request::Foreground => {
                let ticket = self.take_slot(State::Foreground, owner);
                self.calls = self.calls.saturating_add(1);
                self.foreground.push(Instant::new(f64::from(self.calls)), ticket.number());
                ticket
            }
            Request::Poll { due, began, app } => {
                let ticket = self.take_slot(State::Poll { began, app, due }, owner);
                self.polls = self.polls.saturating_add(1);
                self.unripe.push(due, ticket.number());
                ticket
            }
        }
    }

    /// A foreground request that is sent at once.
    pub fn sent(&mut self, owner: u32) -> Ticket {
        self.take_slot(State::InFlight, owner)
    }

    /// Whether nothing is queued; where something was cancelled, perhaps not even then.
    pub fn is_empty(&self) -> bool {
        self.foreground.is_empty() && self.unripe.is_empty() && self.ripe.is_empty()
    }

    fn take_slot(&mut self, state: State, owner: u32) -> Ticket {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { round: 0, owner, state: State::Free });
            u32::try_from(self.slots.len()).unwrap_or(u32::MAX).saturating_sub(1)
        });
        let mut ticket = Ticket { slot, round: 0 };
        if let Some(slot) = self.slots.get_mut(slot as usize) {
            slot.owner = owner;
            slot.state = state;
            ticket.round = slot.round;
        }
        ticket
    }

    /// Forgets a request; tells whether it was in flight.
    pub fn remove(&mut self, ticket: Ticket) -> bool {
        let Some(slot) = self.slots.get_mut(ticket.slot as usize).filter(|slot| slot.round == ticket.round) else {
            return false;
        };
        let state = std::mem::replace(&mut slot.state, State::Free);
        slot.round = slot.round.wrapping_add(1);
        self.free.push(ticket.slot);
        if matches!(state, State::Poll { .. } | State::PollInFlight) {
            self.polls = self.polls.saturating_sub(1);
        }
        matches!(state, State::InFlight | State::PollInFlight)
    }

    /// How many polls are queued or in flight: who starts many waits, starts one after the other, and each is sent before
    /// the next one comes.
    pub fn polls(&self) -> usize {
        self.polls
    }

    /// Moves what is due by now to those that may be granted; `head_start` of an app's execution that began and is due.
    pub fn ripen(&mut self, now: Instant, head_start: impl Fn(AppKey, Instant, Instant) -> Millis) {
        while let Some((due, number)) = self.unripe.peek() {
            if due > now {
                return;
            }
            self.unripe.pop();
            let ticket = Ticket::of(number);
            if let Some(State::Poll { began, app, due }) = self.state(ticket) {
                self.ripe.push(due - head_start(app, began, due), number);
            }
        }
    }

    /// Whether a foreground call is queued.
    pub fn has_foreground(&mut self) -> bool {
        drop_stale(&mut self.foreground, &self.slots);
        !self.foreground.is_empty()
    }

    /// Whether a poll is due.
    pub fn has_ripe(&mut self) -> bool {
        drop_stale(&mut self.ripe, &self.slots);
        !self.ripe.is_empty()
    }

    /// When the next poll is due: now, where one is already.
    pub fn next_due(&mut self, now: Instant) -> Option<Instant> {
        if self.has_ripe() {
            return Some(now);
        }
        drop_stale(&mut self.unripe, &self.slots);
        self.unripe.peek().map(|(due, _)| due.max(now))
    }

    /// Grants the foreground call that has waited longest.
    pub fn pop_foreground(&mut self) -> Option<Grant> {
        let (_, number) = self.foreground.pop()?;
        self.grant(Ticket::of(number), State::InFlight)
    }

    /// Grants the poll of the lowest rank.
    pub fn pop_ripe(&mut self) -> Option<Grant> {
        let (_, number) = self.ripe.pop()?;
        self.grant(Ticket::of(number), State::PollInFlight)
    }

    fn grant(&mut self, ticket: Ticket, state: State) -> Option<Grant> {
        let slot = self.slots.get_mut(ticket.slot as usize)?;
        slot.state = state;
        Some(Grant { ticket, owner: slot.owner })
    }

    fn state(&self, ticket: Ticket) -> Option<State> {
        self.slots.get(ticket.slot as usize).filter(|slot| slot.round == ticket.round).map(|slot| slot.state)
    }
}

fn is_queued(slots: &[Slot], ticket: Ticket) -> bool {
    slots
        .get(ticket.slot as usize)
        .is_some_and(|slot| slot.round == ticket.round && matches!(slot.state, State::Foreground | State::Poll { .. }))
}

fn drop_stale(agenda: &mut Agenda, slots: &[Slot]) {
    while agenda.peek().is_some_and(|(_, number)| !is_queued(slots, Ticket::of(number))) {
        agenda.pop();
    }
}
