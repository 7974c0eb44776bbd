//! What is tried again, and after what pause, for every outcome that an attempt can have.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use lamina_wasm::core::budget::{Budget, Request};
use lamina_wasm::core::clock::Clock;
use lamina_wasm::core::retry::{back_off, is_retryable, is_transient, Effect, Outcome};
use lamina_wasm::core::retry_after::{parse_retry_after, Dates};
use lamina_wasm::core::time::Millis;
use proptest::collection::vec;
use proptest::prelude::*;

const HOUR: f64 = 3_600_000.0;

/// Every outcome there is.
fn outcomes() -> impl Iterator<Item = Outcome> {
    let refused = [false, true];
    let statuses = (0..=u16::MAX)
        .flat_map(move |status| refused.map(|refused_before_work| Outcome::Status { status, refused_before_work }));
    statuses.chain([Outcome::Network, Outcome::TimedOut, Outcome::Broken])
}

#[test]
fn a_start_is_repeated_only_where_the_server_refused_it_before_any_work() {
    for outcome in outcomes() {
        let refused = match outcome {
            Outcome::Status { status, refused_before_work } => status == 429 || refused_before_work,
            Outcome::Network | Outcome::TimedOut | Outcome::Broken => false,
        };
        assert_eq!(is_retryable(Effect::Start, outcome), refused, "{outcome:?}");
    }
}

#[test]
fn a_read_is_repeated_after_a_broken_connection_a_time_out_408_429_and_5xx_only() {
    for outcome in outcomes() {
        let may = match outcome {
            Outcome::Status { status, .. } => matches!(status, 408 | 429 | 500..=599),
            Outcome::Network | Outcome::TimedOut => true,
            Outcome::Broken => false,
        };
        assert_eq!(is_retryable(Effect::Safe, outcome), may, "{outcome:?}");
    }
}

#[test]
fn a_wait_survives_whatever_a_read_is_repeated_after_and_a_broken_body() {
    for outcome in outcomes() {
        let survives = is_retryable(Effect::Safe, outcome) || outcome == Outcome::Broken;
        assert_eq!(is_transient(outcome), survives, "{outcome:?}");
    }
}

proptest! {
    #[test]
    fn the_back_off_is_half_to_all_of_500_ms_doubled_each_time_up_to_8_s(failures in any::<u32>(), random in 0.0..=1.0) {
        let longest = (500.0 * 2_f64.powi(i32::try_from(failures).unwrap_or(i32::MAX))).min(8_000.0);
        let pause = back_off(failures, random).get();
        prop_assert!((longest * 0.5..=longest).contains(&pause), "{pause} of {longest}");
        prop_assert!(back_off(failures.saturating_add(1), random).get() >= pause);
    }

    #[test]
    fn a_host_with_a_strange_random_number_still_backs_off(failures in any::<u32>(), random in any::<f64>()) {
        prop_assume!(!random.is_nan());
        let pause = back_off(failures, random).get();
        prop_assert!((250.0..=8_000.0).contains(&pause), "{pause}");
    }

    #[test]
    fn a_pause_that_the_server_asked_for_is_kept_in_full_however_our_clocks_are_set(
        seconds in 0..60_u32,
        form in 0..3_usize,
        now in (-1e12..1e12).prop_map(f64::floor),
        readings in vec((0.0..20_000.0, prop_oneof![8 => Just(0.0), 1 => Just(HOUR), 1 => Just(-HOUR)]), 1..60),
    ) {
        let until = now + f64::from(seconds) * 1_000.0;
        let header = ["a date".into(), seconds.to_string(), format!("{seconds}.0")];
        let header = &header[form];
        let pause = parse_retry_after(header, || Dates { header: until, now });
        prop_assert_eq!(pause, Some(Millis::from_secs(f64::from(seconds))));
        let pause = pause.unwrap_or_default();
        let mut clock = Clock::default();
        let mut reading = 0.0;
        let mut budget = Budget::new(None);
        let said_at = clock.read(reading);
        budget.block(said_at, pause);
        budget.enqueue(Request::Foreground, 1);
        for (time, jump) in readings {
            reading += time + jump;
            let now = clock.read(reading);
            let is_over = now.since(said_at) >= pause;
            prop_assert_eq!(budget.blocked_for(now) == Millis::ZERO, is_over);
            let granted = budget.poll_grant(now).is_some();
            prop_assert_eq!(granted, is_over);
            if granted {
                break;
            }
        }
    }
}

#[test]
fn a_host_whose_random_number_is_none_still_backs_off() {
    assert!(back_off(0, f64::NAN).get() >= 250.0);
}
