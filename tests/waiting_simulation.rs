//! Many waits on one budget, in virtual time, against a server that enforces the same limit by its own clock.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::disallowed_macros,
    reason = "a test may panic"
)]

use lamina_wasm::core::budget::{AppKey, Budget, Request, Ticket};
use lamina_wasm::core::poll::Interval;
use lamina_wasm::core::time::{Instant, Millis};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

const PER_MINUTE: u32 = 100;
const MINUTE: f64 = 60_000.0;
/// How long the executions of each app take.
const APPS: [(f64, f64); 3] = [(10_000.0, 30_000.0), (30_000.0, 120_000.0), (120_000.0, 600_000.0)];

/// A seeded generator (`SplitMix64`): the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self, from: f64, to: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        from + (to - from) * ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[derive(Clone, Copy)]
struct Wait {
    app: usize,
    began: f64,
    ends: f64,
}

struct Outcome {
    requests: usize,
    refused: usize,
    delays: Vec<f64>,
}

impl Outcome {
    fn mean(&self) -> f64 {
        self.delays.iter().sum::<f64>() / self.delays.len() as f64
    }
}

/// `count` waits that begin together, until the last execution is seen to be over.
fn simulate(count: usize) -> Outcome {
    let mut chance = Chance(count as u64);
    let mut budget = Budget::new(Some(PER_MINUTE));
    let start = |chance: &mut Chance| {
        let app = chance.next(0.0, 2.999) as usize;
        Wait { app, began: 0.0, ends: chance.next(APPS[app].0, APPS[app].1) }
    };
    let enqueue = |budget: &mut Budget, wait: &Wait, due: f64, owner: u32| {
        let app = AppKey::new(wait.app as u64 + 1);
        budget.enqueue(Request::Poll { due: Instant::new(due), began: Instant::new(wait.began), app }, owner);
    };
    let waits: Vec<Wait> = (0..count).map(|_| start(&mut chance)).collect();
    for (owner, wait) in (0..).zip(&waits) {
        enqueue(&mut budget, wait, 0.0, owner);
    }
    // Replies under way: when each comes, what it is for, when the server saw the request and what it said.
    let mut replies: BinaryHeap<Reverse<(Instant, u32, u64)>> = BinaryHeap::new();
    let mut tickets: Vec<Option<(Ticket, f64)>> = vec![None; count];
    let mut served: VecDeque<f64> = VecDeque::new();
    let mut arrivals: Vec<f64> = Vec::new();
    let mut outcome = Outcome { requests: 0, refused: 0, delays: Vec::new() };
    let mut now = Instant::new(0.0);
    while outcome.delays.len() < count {
        while let Some(grant) = budget.poll_grant(now) {
            let arrival = now.get() + chance.next(20.0, 250.0);
            let reply = arrival + chance.next(20.0, 250.0);
            tickets[grant.owner as usize] = Some((grant.ticket, arrival));
            replies.push(Reverse((Instant::new(reply), grant.owner, outcome.requests as u64)));
            arrivals.push(arrival);
            outcome.requests += 1;
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
            budget.learn(AppKey::new(wait.app as u64 + 1), Millis::new(now.get() - wait.began));
        } else {
            let pause = Interval::default().pause(now.since(Instant::new(wait.began)), chance.next(0.0, 1.0));
            enqueue(&mut budget, &wait, now.get() + pause.get(), owner);
        }
    }
    // The server's own count, in the order in which the requests came.
    arrivals.sort_by(f64::total_cmp);
    for arrival in arrivals {
        while served.front().is_some_and(|first| *first <= arrival - MINUTE) {
            served.pop_front();
        }
        if served.len() >= PER_MINUTE as usize {
            outcome.refused += 1;
        } else {
            served.push_back(arrival);
        }
    }
    outcome
}

#[test]
fn a_server_with_the_same_limit_never_refuses_and_completions_are_seen_nearly_as_soon_as_sharing_allows() {
    println!("waits  requests  429s  mean delay  ideal sharing");
    for count in [1, 10, 50, 200, 1_000, 10_000] {
        let outcome = simulate(count);
        let ideal = count as f64 / (2.0 * f64::from(PER_MINUTE)) * MINUTE;
        let mean = outcome.mean();
        println!(
            "{count:>5}  {:>8}  {:>4}  {:>8.1} s  {:>11.1} s",
            outcome.requests,
            outcome.refused,
            mean / 1e3,
            ideal / 1e3
        );
        assert_eq!(outcome.refused, 0, "{count} waits");
        if count >= 50 {
            assert!(mean <= 1.25 * ideal, "{count} waits: {mean} ms, and ideal sharing has {ideal} ms");
        }
    }
}
