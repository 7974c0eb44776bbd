//! Many waits on one budget, in virtual time, against a server that enforces the same limit by its own clock; beside it, the
//! same waits polled at a fixed interval.
//!
//! `cargo test --test waiting_simulation -- --nocapture` prints the table.

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

mod fixed;
mod shared;
mod world;

use world::{Outcome, MINUTE, PER_MINUTE};

fn print(what: &str, count: usize, ideal: f64, outcome: &mut Outcome) {
    let percentile_95 = outcome.percentile_95() / 1e3;
    println!(
        "{count:>6}  {what:<12}  {:>8}  {:>8}  {:>9.1} s  {:>9.1} s  {:>9.1} s",
        outcome.requests,
        outcome.refused,
        outcome.mean() / 1e3,
        percentile_95,
        ideal / 1e3
    );
}

#[test]
fn a_server_with_the_same_limit_never_refuses_and_completions_are_seen_nearly_as_soon_as_sharing_allows() {
    println!(" waits  polled        requests      429s   mean delay     95th pct.  ideal mean");
    for count in [1, 10, 50, 200, 1_000, 10_000] {
        let waits = world::waits(count);
        let mut outcome = shared::simulate(&waits);
        let ideal = count as f64 / (2.0 * f64::from(PER_MINUTE)) * MINUTE;
        print("shared", count, ideal, &mut outcome);
        print("every 5 s", count, ideal, &mut fixed::simulate(&waits, 5_000.0));
        assert_eq!(outcome.refused, 0, "{count} waits");
        assert_eq!(outcome.delays.len(), count, "nobody is forgotten");
        if count >= 50 {
            let mean = outcome.mean();
            assert!(mean <= 1.25 * ideal, "{count} waits: {mean} ms, and ideal sharing has {ideal} ms");
        }
    }
}
