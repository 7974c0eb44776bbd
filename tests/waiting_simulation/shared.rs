//! The client's way: all waits share one budget.

use crate::world::{Chance, Limiter, Outcome, Wait, PER_MINUTE};
use lamina_wasm::core::budget::{AppKey, Budget, Request, Ticket};
use lamina_wasm::core::poll::Interval;
use lamina_wasm::core::time::{Instant, Millis};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Waits that begin together, until the last execution is seen to be over.
pub fn simulate(waits: &[Wait]) -> Outcome {
    let count = waits.len();
    let mut chance = Chance(1);
    let mut budget = Budget::new(Some(PER_MINUTE));
    let enqueue = |budget: &mut Budget, wait: &Wait, due: f64, owner: u32| {
        let app = AppKey::new(wait.app as u64 + 1);
        budget.enqueue(Request::Poll { due: Instant::new(due), began: Instant::new(0.0), app }, owner);
    };
    // Replies under way: when each comes, what it is for, when the server saw the request and what it said.
    let mut replies: BinaryHeap<Reverse<(Instant, u32, u64)>> = BinaryHeap::new();
    let mut tickets: Vec<Option<(Ticket, f64)>> = vec![None; count];
    let mut arrivals: Vec<f64> = Vec::new();
    let mut outcome = Outcome::default();
    let mut now = Instant::new(0.0);
    // One after the other: each asks for its first look before the next wait is there.
    let mut fresh = (0..).zip(waits);
    while outcome.delays.len() < count {
        let started = fresh.next();
        if let Some((owner, wait)) = started {
            enqueue(&mut budget, wait, 0.0, owner);
        }
        while let Some(grant) = budget.poll_grant(now) {
            let arrival = now.get() + chance.way();
            let reply = arrival + chance.way();
            tickets[grant.owner as usize] = Some((grant.ticket, arrival));
            replies.push(Reverse((Instant::new(reply), grant.owner, outcome.requests as u64)));
            arrivals.push(arrival);
            outcome.requests += 1;
        }
        if started.is_some() {
            continue;
        }
        let wake_up = budget.poll_timeout(now);
        let reply_at = replies.peek().map_or(Instant::NEVER, |Reverse((at, ..))| *at);
        now = wake_up.min(reply_at);
        assert!(now < Instant::NEVER, "somebody waits for ever");
        if reply_at > now {
            continue;
        }
        let Reverse((_, owner, _)) = replies.pop().unwrap();
        let (ticket, arrival) = tickets[owner as usize].take().unwrap();
        budget.replied(now, ticket, None);
        let wait = waits[owner as usize];
        if arrival >= wait.ends {
            outcome.delays.push(now.get() - wait.ends);
            budget.learn(AppKey::new(wait.app as u64 + 1), Millis::new(now.get()));
        } else {
            let pause = Interval::default().pause(now.since(Instant::new(0.0)), chance.next(0.0, 1.0));
            enqueue(&mut budget, &wait, now.get() + pause.get(), owner);
        }
    }
    // The server's own count, in the order in which the requests came.
    arrivals.sort_by(f64::total_cmp);
    let mut limiter = Limiter::default();
    outcome.refused = arrivals.into_iter().filter(|arrival| !limiter.serves(*arrival)).count();
    outcome
}
