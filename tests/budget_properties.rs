//! What the rate budget keeps to, whatever happens in whatever order, and however the host's clock is set meanwhile.
//!
//! The promises themselves are in `fuzz/src/budget_world.rs`, which checks each of them at each event.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::disallowed_macros,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

#[path = "../fuzz/src/budget_world.rs"]
mod budget_world;

use budget_world::{Event, World};
use lamina_wasm::core::budget::{AppKey, Budget, RateHead, Request};
use lamina_wasm::core::time::{Instant, Millis};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::VecDeque;

const HOUR: f64 = 3_600_000.0;
const MINUTE: f64 = 60_000.0;

/// Times that sums of are exact.
fn ms(longest: u32) -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), (0..=longest.saturating_mul(4)).prop_map(|quarters| f64::from(quarters) / 4.0)]
}

fn limit() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![4 => (1..8_u32).prop_map(Some), 3 => (8..120_u32).prop_map(Some), 1 => Just(None)]
}

fn call_or_poll() -> impl Strategy<Value = Event> {
    prop_oneof![Just(Event::Foreground), poll()]
}

fn poll() -> impl Strategy<Value = Event> {
    (ms(20_000), ms(600_000), 0..3_u64).prop_map(|(due_in, age, app)| Event::Poll { due_in, age, app })
}

fn time() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => ms(3_000).prop_map(Event::Pass),
        3 => ms(70_000).prop_map(Event::Pass),
        2 => ms(10_000).prop_map(Event::Oversleep),
        1 => select(vec![-HOUR, HOUR]).prop_map(Event::Jump),
    ]
}

fn end() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => any::<usize>().prop_map(|which| Event::Answer { which, head: None }),
        1 => any::<usize>().prop_map(|which| Event::Cancel { which }),
    ]
}

fn server() -> impl Strategy<Value = Event> {
    let head = option::weighted(0.8, (0..5_u32, ms(90_000)));
    prop_oneof![
        3 => (any::<usize>(), head).prop_map(|(which, head)| Event::Answer { which, head }),
        1 => ms(90_000).prop_map(Event::Block),
        1 => (0..120_u32).prop_map(Event::ServerLimit),
    ]
}

fn learn() -> impl Strategy<Value = Event> {
    (0..3_u64, ms(900_000)).prop_map(|(app, duration)| Event::Learn { app, duration })
}

/// As `World` does it: it panics at a broken promise.
fn live(limit: Option<u32>, events: &[Event]) -> World {
    let mut world = World::new(limit);
    events.iter().for_each(|event| world.event(*event));
    world
}

proptest! {
    /// Also: nothing is granted twice or after its end, no poll before its time, calls before polls, the call first that
    /// waits longest, and the poll first that was due first.
    #[test]
    fn in_no_minute_are_more_requests_granted_than_the_budget(
        limit in limit(),
        events in vec(prop_oneof![3 => call_or_poll(), 3 => time(), 3 => end()], 0..150),
    ) {
        live(limit, &events);
    }

    #[test]
    fn nothing_is_granted_that_the_server_forbids(
        limit in limit(),
        events in vec(prop_oneof![3 => call_or_poll(), 3 => time(), 2 => end(), 2 => server()], 0..150),
    ) {
        live(limit, &events);
    }

    #[test]
    fn a_likely_completion_overtakes_only_what_was_due_in_the_last_half_minute(
        limit in limit(),
        events in vec(prop_oneof![4 => poll(), 3 => time(), 2 => end(), 1 => learn()], 0..150),
    ) {
        live(limit, &events);
    }

    #[test]
    fn nobody_is_starved_when_the_rush_is_over(
        limit in limit(),
        events in vec(prop_oneof![6 => call_or_poll(), 2 => time(), 1 => end(), 1 => server(), 1 => learn()], 0..150),
        latency in ms(5_000),
    ) {
        live(limit, &events).drain(latency);
    }

    #[test]
    fn a_timer_set_as_the_budget_says_finds_nothing_before_its_time_and_something_at_it(
        limit in 1..120_u32,
        polls in vec((ms(60_000), ms(600_000)), 1..200),
        early in 0.0..1.0,
    ) {
        let mut budget = Budget::new(Some(limit));
        let mut now = Instant::new(0.0);
        for (owner, (due, age)) in (0..).zip(&polls) {
            let (due, began) = (Instant::new(*due), Instant::new(-age));
            budget.enqueue(Request::Poll { due, began, app: AppKey::default() }, owner);
        }
        let mut granted = 0;
        while granted < polls.len() {
            while let Some(grant) = budget.poll_grant(now) {
                budget.replied(now, grant.ticket, None);
                granted += 1;
            }
            let wake = budget.poll_timeout(now);
            if wake == Instant::NEVER {
                break;
            }
            let between = now + wake.since(now).times(early);
            prop_assert!(between >= wake || budget.poll_grant(between).is_none());
            let grant = budget.poll_grant(wake);
            prop_assert!(grant.is_some(), "woken for nothing at {wake:?}");
            granted += grant.iter().count();
            grant.iter().for_each(|grant| budget.replied(wake, grant.ticket, None));
            now = wake;
        }
        prop_assert_eq!(granted, polls.len());
    }

    #[test]
    fn one_wait_alone_is_never_slowed_down_within_the_budget(limit in 1..200_u32, pauses in vec(ms(400), 190)) {
        let mut budget = Budget::new(Some(limit));
        let mut now = Instant::new(0.0);
        for pause in pauses.into_iter().take((limit - limit / 20) as usize) {
            now = now + Millis::new(pause);
            budget.enqueue(Request::Poll { due: now, began: now, app: AppKey::default() }, 1);
            let Some(grant) = budget.poll_grant(now) else { panic!("held up at {now:?}") };
            budget.replied(now, grant.ticket, None);
        }
    }

    /// A crowd of waits: the credit of half a minute's budget apart, the polls go out at the pace.
    #[test]
    fn a_crowd_leaves_no_long_gap_and_spends_no_minute_at_once(limit in 20..200_u32, crowd in 2..5_u32) {
        let mut budget = Budget::new(Some(limit));
        let poll = |due| Request::Poll { due, began: Instant::new(0.0), app: AppKey::default() };
        for owner in 0..crowd * limit {
            budget.enqueue(poll(Instant::new(0.0)), owner);
        }
        let mut now = Instant::new(0.0);
        let mut times = Vec::new();
        while times.len() < 2 * limit as usize {
            while let Some(grant) = budget.poll_grant(now) {
                budget.replied(now, grant.ticket, None);
                budget.enqueue(poll(now), grant.owner);
                times.push(now.get());
            }
            let wake = budget.poll_timeout(now);
            prop_assert!(wake > now, "it would be asked again and again for nothing");
            now = wake;
        }
        let gap = MINUTE / (f64::from(limit) * 0.95);
        prop_assert!(times.windows(2).all(|two| two[1] - two[0] <= 3.0 * gap + MINUTE * 0.2), "{times:?}");
        let at_once = times.iter().filter(|time| **time <= 1_000.0).count();
        prop_assert!(at_once as f64 <= f64::from(limit) / 4.0, "{at_once} of {limit} in the first second");
    }

    #[test]
    fn an_unlimited_budget_sends_everything_at_once_until_the_server_says_otherwise(
        calls in 1..200_u32,
        remaining in 0..50_u32,
        reset in 1.0..90_000.0,
    ) {
        let mut budget = Budget::new(None);
        let now = Instant::new(0.0);
        let first = budget.enqueue(Request::Foreground, 0);
        prop_assert_eq!(budget.poll_grant(now).map(|grant| grant.ticket), Some(first));
        let head = RateHead { remaining: Some(remaining), reset_in: Some(Millis::new(reset)) };
        budget.replied(now, first, Some(head));
        for owner in 0..calls {
            budget.enqueue(Request::Foreground, owner);
        }
        let mut count = |now| std::iter::from_fn(|| budget.poll_grant(now)).count();
        prop_assert_eq!(count(now), calls.min(remaining) as usize);
        prop_assert_eq!(count(now + Millis::new(reset)), calls.saturating_sub(remaining) as usize);
    }
}

/// How long the look of a wait is held up beside so many calls a minute, evenly spaced, each answered in 200 ms.
fn held_up_beside(limit: u32, calls_per_minute: u32) -> f64 {
    let mut budget = Budget::new(Some(limit));
    let mut replies = VecDeque::new();
    let gap = Millis::new(MINUTE / f64::from(calls_per_minute));
    let (mut now, mut next_call) = (Instant::new(0.0), Instant::new(0.0));
    let due = Instant::new(MINUTE);
    budget.enqueue(Request::Poll { due, began: due, app: AppKey::default() }, 2);
    while now.since(due).get() < 20.0 * MINUTE {
        while replies.front().is_some_and(|(at, _)| *at <= now) {
            replies.pop_front().into_iter().for_each(|(at, ticket)| budget.replied(at, ticket, None));
        }
        if next_call <= now {
            next_call = next_call + gap;
            budget.enqueue(Request::Foreground, 1);
        }
        while let Some(grant) = budget.poll_grant(now) {
            if grant.owner == 2 {
                return now.since(due).get();
            }
            replies.push_back((now + Millis::new(200.0), grant.ticket));
        }
        let next_reply = replies.front().map_or(Instant::NEVER, |(at, _)| *at);
        let wake = budget.poll_timeout(now);
        assert!(wake > now, "it would be asked again and again for nothing");
        now = wake.min(next_reply).min(next_call);
    }
    f64::INFINITY
}

#[test]
fn a_look_is_not_held_up_beside_calls_that_leave_a_tenth_of_the_budget() {
    for limit in [20, 60, 100, 200] {
        let held_up = held_up_beside(limit, limit - limit / 10);
        assert!(held_up <= 1_000.0, "{held_up} ms of {limit}");
    }
}

#[test]
fn a_look_is_held_up_for_a_minute_at_most_beside_calls_that_leave_any_of_the_budget() {
    for calls in 90..100 {
        let held_up = held_up_beside(100, calls);
        assert!(held_up <= MINUTE, "{held_up} ms beside {calls} calls a minute of 100");
    }
}
