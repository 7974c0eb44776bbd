//! Many waits on one budget, in virtual time, against a server that enforces the same limit by its own clock; beside it, the
//! same waits polled at a fixed interval.
//!
//! `cargo test --release --test waiting_simulation -- --nocapture` prints the table; with `WAITING_JSON=1` in the environment,
//! a line of JSON for each of its rows.

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

/// Prints a row: as JSON, in milliseconds, or for people.
fn print(polled: &str, count: usize, ideal: f64, outcome: &mut Outcome) {
    let (mean, percentile_95) = (outcome.mean(), outcome.percentile_95());
    let Outcome { requests, refused, .. } = outcome;
    if as_json() {
        println!(
            "{{\"waits\":{count},\"polled\":\"{polled}\",\"requests\":{requests},\"refused\":{refused},\
             \"meanDelayMs\":{mean:.0},\"percentile95DelayMs\":{percentile_95:.0},\"idealMeanDelayMs\":{ideal:.0}}}"
        );
        return;
    }
    println!(
        "{count:>6}  {polled:<12}  {requests:>8}  {refused:>8}  {:>9.1} s  {:>9.1} s  {:>9.1} s",
        mean / 1e3,
        percentile_95 / 1e3,
        ideal / 1e3
    );
}

fn as_json() -> bool {
    std::env::var_os("WAITING_JSON").is_some_and(|value| value == "1")
}

#[test]
fn a_server_with_the_same_limit_never_refuses_and_completions_are_seen_nearly_as_soon_as_sharing_allows() {
    if !as_json() {
        println!(" waits  polled        requests      429s   mean delay     95th pct.  ideal mean");
    }
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
