//! What is done without a client like this one: every wait asks again after a fixed pause, whatever the others do.

use crate::world::{Chance, Limiter, Outcome, Wait};
use lamina_wasm::core::time::Instant;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Polls of each wait `interval` apart, counted from reply to request.
pub fn simulate(waits: &[Wait], interval: f64) -> Outcome {
    let mut chance = Chance(1);
    let mut limiter = Limiter::default();
    let mut outcome = Outcome::default();
    let mut arrivals: BinaryHeap<Reverse<(Instant, usize)>> = BinaryHeap::new();
    for index in 0..waits.len() {
        arrivals.push(Reverse((Instant::new(chance.way()), index)));
    }
    while let Some(Reverse((arrival, index))) = arrivals.pop() {
        let arrival = arrival.get();
        outcome.requests += 1;
        let served = limiter.serves(arrival);
        outcome.refused += usize::from(!served);
        let reply = arrival + chance.way();
        if served && arrival >= waits[index].ends {
            outcome.delays.push(reply - waits[index].ends);
        } else {
            arrivals.push(Reverse((Instant::new(reply + interval + chance.way()), index)));
        }
    }
    outcome
}
