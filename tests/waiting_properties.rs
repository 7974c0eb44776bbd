//! What every wait keeps to: which looks end it, how long it pauses, and that it ends by its deadline, whatever the clocks do.
//!
//! The promises themselves are in `fuzz/src/wait_world.rs` and `fuzz/src/host_world.rs`, which check each of them at each step.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test may panic"
)]

#[path = "../fuzz/src/host_world.rs"]
mod host_world;
#[path = "../fuzz/src/wait_world.rs"]
mod wait_world;

use host_world::{longest, Host, Trouble};
use lamina_wasm::core::poll::{Interval, Next, Wait};
use lamina_wasm::core::retry::Outcome;
use lamina_wasm::core::time::{Instant, Millis};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use wait_world::{Look, World};

const HOUR: f64 = 3_600_000.0;

prop_compose! {
    fn wait()(
        began in 0.0..2e12,
        timeout in prop_oneof![0.0..60_000.0, 0.0..HOUR],
        interval in interval(),
        throw_on_failure in any::<bool>(),
        started_before in option::of(0.0..20_000.0),
    ) -> Wait {
        let now = Instant::new(began);
        let mut wait = Wait::new(now, Millis::new(timeout), interval, throw_on_failure);
        wait.started_here = started_before.map(|before| now - Millis::new(before));
        wait
    }
}

fn interval() -> impl Strategy<Value = Interval> {
    let growing = (0.0..20_000.0, 0.0..60_000.0)
        .prop_map(|(min, more)| Interval::Growing { min: Millis::new(min), max: Millis::new(min + more) });
    prop_oneof![
        Just(Interval::default()),
        growing,
        (1.0..60_000.0).prop_map(|pause| Interval::Fixed(Millis::new(pause))),
    ]
}

fn status() -> impl Strategy<Value = u16> {
    prop_oneof![select(vec![302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504]), any::<u16>()]
}

fn asked() -> impl Strategy<Value = Option<f64>> {
    option::of(prop_oneof![Just(0.0), 0.0..120_000.0, 0.0..1e18])
}

fn transient() -> impl Strategy<Value = Look> {
    let status = prop_oneof![Just(408), Just(429), 500..600_u16];
    let status = (status, any::<bool>())
        .prop_map(|(status, refused_before_work)| Outcome::Status { status, refused_before_work });
    let outcome = prop_oneof![status, select(vec![Outcome::Network, Outcome::TimedOut, Outcome::Broken])];
    (outcome, asked()).prop_map(|(outcome, asked)| Look::Failure(outcome, asked))
}

fn running() -> impl Strategy<Value = Look> {
    prop_oneof![
        select(vec!["queued", "running", "canceled", "Completed", "needs_input"]).prop_map(String::from),
        "[a-z_]*"
    ]
    .prop_filter("not over", |word| !matches!(word.as_str(), "completed" | "failed" | "cancelled"))
    .prop_map(Look::Word)
}

fn any_look() -> impl Strategy<Value = Look> {
    let over = select(vec!["completed", "failed", "cancelled"]).prop_map(|word| Look::Word(word.into()));
    let refused = (status(), asked())
        .prop_map(|(status, asked)| Look::Failure(Outcome::Status { status, refused_before_work: false }, asked));
    prop_oneof![4 => running(), 3 => transient(), 1 => over, 2 => refused]
}

/// How long after the step before: as asked for, a little later, or by a clock that was set.
fn step() -> impl Strategy<Value = (f64, f64)> {
    let by = prop_oneof![6 => Just(0.0), 3 => 0.0..5_000.0, 1 => select(vec![-HOUR, HOUR])];
    (by, 0.0..1.0)
}

proptest! {
    /// Statuses, failures, pauses and the deadline as the contract has them, and the state goes through text and back.
    #[test]
    fn every_step_of_a_wait_is_as_promised_whatever_is_seen_and_however_the_clock_is_set(
        wait in wait(),
        looks in vec((any_look(), step()), 0..60),
    ) {
        let mut now = wait.began;
        let mut world = World::new(wait);
        let mut next = world.step(now, None, 0.5);
        for (look, (by, random)) in &looks {
            let Next::Poll(pause) = next else { break };
            now = now + pause + Millis::new(*by);
            next = world.step(now, Some(look), *random);
        }
    }

    #[test]
    fn trouble_never_ends_a_wait_before_its_deadline_and_the_deadline_always_does(
        wait in wait(),
        looks in vec((prop_oneof![transient(), running()], step()), 1..60),
    ) {
        let mut now = wait.began;
        let mut world = World::new(wait);
        let mut next = world.step(now, None, 0.5);
        for (look, (by, random)) in looks.iter().cycle().take(100_000) {
            let Next::Poll(pause) = next else { break };
            // Each look takes a while.
            now = now + pause + Millis::new(by.max(100.0));
            next = world.step(now, Some(look), *random);
        }
        prop_assert_eq!(next, Next::TimedOut);
        prop_assert!(now >= wait.deadline);
    }

    #[test]
    fn a_404_means_not_yet_only_within_ten_seconds_of_an_own_start(wait in wait(), after in 0.0..20_000.0, asked in asked()) {
        let outcome = Outcome::Status { status: 404, refused_before_work: false };
        let now = wait.started_here.map_or(wait.began, |start| start + Millis::new(after));
        let next = World::new(wait).step(now, Some(&Look::Failure(outcome, asked)), 0.5);
        let young = wait.started_here.is_some() && after < 10_000.0;
        prop_assert_eq!(next == Next::GiveUp, !young);
    }

    /// By what is lost at one jump: a timer is believed over a clock that shows less than half of its time.
    #[test]
    fn a_sleeper_wakes_soon_enough_whatever_the_clock_does(
        pause in prop_oneof![0.0..100.0, 0.0..60_000.0, 0.0..HOUR, 0.0..1e10],
        troubles in vec(trouble(), 0..30),
    ) {
        let pause = Millis::new(pause);
        let mut host = Host::default();
        let until = host.now() + pause;
        let slept = host.sleep(until, &mut troubles.into_iter());
        // Timers of hosts count 25 days at most.
        let parts = (pause.get() / 2_147_483_647.0).ceil() as usize;
        prop_assert!(slept.timers <= 3 + 3 * parts, "{slept:?}");
        if parts <= 1 {
            prop_assert!(slept.long <= longest(pause) + slept.late, "{slept:?}");
        }
    }

    #[test]
    fn beside_a_steady_clock_a_sleeper_wakes_at_its_time(
        pause in prop_oneof![0.0..100.0, 0.0..60_000.0, 0.0..1e10],
        troubles in vec(prop_oneof![(0.0..1_000.0).prop_map(Trouble::Look), (-3.0..500.0).prop_map(Trouble::Late)], 0..30),
    ) {
        let pause = Millis::new(pause);
        let mut host = Host::default();
        let until = host.now() + pause;
        let slept = host.sleep(until, &mut troubles.into_iter());
        prop_assert!(slept.long >= pause.get() - 3.0, "{slept:?}");
        prop_assert!(slept.long <= pause.get() + slept.late + 4.0, "{slept:?}");
    }

    #[test]
    fn a_timer_that_is_a_little_early_once_wakes_nobody_early(pause in prop_oneof![0.0..100.0, 0.0..60_000.0_f64], early in 0.0..50.0_f64) {
        let mut host = Host::default();
        let until = host.now() + Millis::new(pause);
        let slept = host.sleep(until, &mut [Trouble::Late(-early)].into_iter());
        prop_assert!(slept.long >= pause, "{slept:?}");
        prop_assert!(slept.long <= pause + 2.0, "{slept:?}");
    }

    /// The loop of a wait on a host, whose clock is set forward or back now and then; how late by the truth is bounded.
    #[test]
    fn every_wait_on_a_host_ends_by_its_deadline(
        timeout in prop_oneof![1.0..60_000.0, 1.0..HOUR],
        interval in interval(),
        looks in vec((prop_oneof![transient(), running()], 100.0..2_000.0), 1..30),
        jumps in vec((0..200_usize, select(vec![-HOUR, HOUR])), 0..3),
        random in 0.0..1.0,
    ) {
        let mut host = Host::default();
        let wait = Wait::new(host.now(), Millis::new(timeout), interval, true);
        let mut world = World::new(wait);
        let mut next = world.step(host.now(), None, random);
        let mut lost = 0.0;
        for (count, (look, latency)) in looks.iter().cycle().take(100_000).enumerate() {
            let Next::Poll(pause) = next else { break };
            let jump = jumps.iter().find(|(at, _)| *at == count).map(|(_, by)| Trouble::Jump(pause.get() / 2.0, *by));
            if jump.is_some() {
                lost += pause.get() * 1.5 + 100.0;
            }
            let until = (host.now() + pause).min(wait.deadline);
            let pause = until.since(host.now()).get();
            let slept = host.sleep(until, &mut jump.into_iter());
            prop_assert!(!jumps.is_empty() || slept.long <= pause + 4.0, "{slept:?} for {pause}");
            let looked = host.now() < wait.deadline && host.wait_for_answer(*latency, wait.deadline);
            let out_of_time = Look::Failure(Outcome::TimedOut, None);
            next = world.step(host.now(), Some(if looked { look } else { &out_of_time }), random);
        }
        prop_assert_eq!(next, Next::TimedOut);
        // A millisecond for each time that a timer was rounded up.
        prop_assert!(host.truth() <= timeout + lost + 4.0, "{} of {timeout}", host.truth());
        if jumps.is_empty() {
            prop_assert!(host.truth() >= timeout - 1.0);
        }
    }

    #[test]
    fn bounds_of_the_interval_are_kept_and_one_alone_moves_the_other(min in 0.0..1e6, max in 0.0..1e6) {
        let between = |min, max| Interval::between(Millis::new(min), Millis::new(max));
        prop_assert_eq!(between(min, max).is_some(), min <= max || max == 0.0);
        for interval in [between(min, 0.0), between(0.0, max), between(min.min(max), min.max(max))] {
            let Some(Interval::Growing { min: least, max: most }) = interval else { panic!("{interval:?}") };
            prop_assert!(Millis::ZERO < least && least <= most || min.min(max) == 0.0);
        }
    }
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let after = || prop_oneof![0.0..100.0, 0.0..30_000.0];
    prop_oneof![
        4 => after().prop_map(Trouble::Look),
        3 => (after(), prop_oneof![select(vec![-HOUR, HOUR]), -5_000.0..5_000.0]).prop_map(|(at, by)| Trouble::Jump(at, by)),
        3 => (-3.0..2_000.0).prop_map(Trouble::Late),
        1 => (after(), any::<bool>()).prop_map(|(at, stands)| Trouble::Stand(at, stands)),
    ]
}

#[test]
fn a_wait_does_not_ask_again_at_once_because_the_server_asks_for_no_pause() {
    let mut world = World::new(Wait::new(Instant::new(0.0), Millis::new(HOUR), Interval::default(), true));
    let unavailable = Outcome::Status { status: 503, refused_before_work: false };
    for now in 0..10 {
        let Next::Poll(pause) =
            world.step(Instant::new(f64::from(now)), Some(&Look::Failure(unavailable, Some(0.0))), 0.5)
        else {
            panic!("a transient failure ends no wait")
        };
        assert!(pause >= Millis::new(250.0), "{pause:?}");
    }
}
