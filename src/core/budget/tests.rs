//! The promises of the budget, each as a sentence; random sequences and the long simulation are in `tests/`.

use super::*;

fn at(now: f64) -> Instant {
    Instant::new(now)
}

const HEAD: fn(u32, f64) -> Option<RateHead> =
    |remaining, reset| Some(RateHead { remaining: Some(remaining), reset_in: Some(Millis::new(reset)) });

fn poll(due: f64) -> Request {
    Request::Poll { due: at(due), began: at(0.0), app: AppKey::new(1) }
}

#[test]
fn a_request_counts_until_sixty_seconds_after_its_answer() {
    let mut budget = Budget::new(Some(2));
    for owner in 0..3 {
        budget.enqueue(Request::Foreground, owner);
    }
    let first = budget.poll_grant(at(0.0)).unwrap();
    assert_eq!(first.owner, 0);
    assert!(budget.poll_grant(at(0.0)).is_some());
    assert_eq!(budget.poll_grant(at(0.0)), None);
    assert_eq!(budget.poll_timeout(at(0.0)), Instant::NEVER, "only an answer can change it");
    budget.replied(at(700.0), first.ticket, None);
    assert_eq!(budget.poll_timeout(at(700.0)), at(60_700.0));
    assert_eq!(budget.poll_grant(at(60_699.0)), None);
    assert_eq!(budget.poll_grant(at(60_700.0)).map(|grant| grant.owner), Some(2));
}

#[test]
fn a_call_goes_at_once_only_where_there_is_room_and_nobody_waits_longer() {
    let mut budget = Budget::new(Some(1));
    let first = budget.grant_at_once(at(0.0), 1).unwrap();
    assert_eq!(budget.grant_at_once(at(1.0), 2), None, "no room");
    budget.enqueue(Request::Foreground, 2);
    budget.replied(at(10.0), first, None);
    assert_eq!(budget.grant_at_once(at(60_020.0), 3), None, "another waits longer");
    assert_eq!(budget.poll_grant(at(60_020.0)).map(|grant| grant.owner), Some(2));

    let mut budget = Budget::new(None);
    assert!(budget.is_idle() && budget.grant_at_once(at(0.0), 1).is_some() && budget.is_idle());
    budget.block(at(0.0), Millis::new(5_000.0));
    assert_eq!(budget.grant_at_once(at(4_999.0), 2), None, "the server forbids it");
    assert!(budget.grant_at_once(at(5_000.0), 2).is_some());
    budget.enqueue(poll(10.0), 3);
    assert!(!budget.is_idle());
}

#[test]
fn foreground_calls_overtake_polls_and_polls_go_oldest_due_first() {
    let mut budget = Budget::new(Some(100));
    budget.enqueue(poll(20.0), 1);
    budget.enqueue(poll(10.0), 2);
    budget.enqueue(poll(500.0), 3);
    budget.enqueue(Request::Foreground, 4);
    let owners: Vec<u32> = std::iter::from_fn(|| budget.poll_grant(at(30.0))).map(|grant| grant.owner).collect();
    assert_eq!(owners, [4, 2, 1]);
    assert_eq!(budget.poll_timeout(at(30.0)), at(500.0));
}

#[test]
fn a_cancelled_request_is_not_granted_and_one_in_flight_still_counts() {
    let mut budget = Budget::new(Some(1));
    let gone = budget.enqueue(Request::Foreground, 1);
    budget.enqueue(Request::Foreground, 2);
    budget.enqueue(Request::Foreground, 3);
    budget.cancel(at(0.0), gone);
    let granted = budget.poll_grant(at(0.0)).unwrap();
    assert_eq!(granted.owner, 2);
    budget.cancel(at(5.0), granted.ticket);
    budget.cancel(at(6.0), granted.ticket);
    assert_eq!(budget.poll_timeout(at(6.0)), at(60_005.0));
    assert_eq!(budget.poll_grant(at(60_005.0)).map(|grant| grant.owner), Some(3));
}

#[test]
fn the_server_lowers_the_budget_and_never_raises_it() {
    let mut budget = Budget::new(None);
    for owner in 0..5 {
        budget.enqueue(Request::Foreground, owner);
    }
    let [first, second] = [(); 2].map(|()| budget.poll_grant(at(0.0)).unwrap());
    // One is still under way: of the two that remain, it may be one.
    budget.replied(at(100.0), first.ticket, HEAD(2, 10_000.0));
    assert!(budget.poll_grant(at(100.0)).is_some());
    assert_eq!(budget.poll_grant(at(100.0)), None);
    budget.replied(at(200.0), second.ticket, HEAD(50, 9_900.0));
    assert_eq!(budget.poll_grant(at(200.0)), None, "an answer that was overtaken gives nothing back");
    assert_eq!(budget.poll_timeout(at(200.0)), at(10_100.0));
    assert_eq!(budget.blocked_for(at(200.0)).get(), 9_900.0);
    assert!(budget.poll_grant(at(10_100.0)).is_some());
}

#[test]
fn nothing_goes_before_the_pause_that_the_server_asked_for() {
    let mut budget = Budget::new(Some(100));
    budget.block(at(0.0), Millis::new(5_000.0));
    budget.block(at(0.0), Millis::new(1_000.0));
    budget.enqueue(Request::Foreground, 1);
    assert_eq!(budget.poll_grant(at(4_999.0)), None);
    assert_eq!(budget.poll_timeout(at(1.0)), at(5_000.0));
    assert!(budget.poll_grant(at(5_000.0)).is_some());
}

#[test]
fn a_single_wait_polls_as_often_as_it_likes_within_the_limit() {
    let mut budget = Budget::new(Some(100));
    let mut sent = 0;
    for now in 0..95 {
        budget.enqueue(poll(f64::from(now)), 1);
        let grant = budget.poll_grant(at(f64::from(now))).unwrap();
        budget.replied(at(f64::from(now)), grant.ticket, None);
        sent += 1;
    }
    budget.enqueue(poll(95.0), 1);
    assert_eq!((sent, budget.poll_grant(at(95.0))), (95, None), "the rest is for foreground calls");
    budget.enqueue(Request::Foreground, 2);
    assert_eq!(budget.poll_grant(at(95.0)).map(|grant| grant.owner), Some(2));
}

#[test]
fn many_waits_are_spread_evenly() {
    let mut budget = Budget::new(Some(60));
    for owner in 0..200 {
        budget.enqueue(poll(0.0), owner);
    }
    let (mut now, mut times) = (at(0.0), Vec::new());
    while times.len() < 130 {
        while let Some(grant) = budget.poll_grant(now) {
            times.push(now.get());
            budget.replied(now, grant.ticket, None);
        }
        now = budget.poll_timeout(now);
    }
    let crowds = times[70..].windows(6).map(|six| six[5] - six[0]);
    assert!(
        crowds.clone().all(|span| span > 4_000.0),
        "no burst after the first minute: {:?}",
        crowds.collect::<Vec<_>>()
    );
}

#[test]
fn the_likelier_completion_is_looked_at_first() {
    let mut budget = Budget::new(Some(100));
    let (slow, quick) = (AppKey::new(1), AppKey::new(2));
    budget.learn(slow, Millis::new(600_000.0));
    budget.learn(quick, Millis::new(20_000.0));
    let poll = |app, due| Request::Poll { due: at(due), began: at(0.0), app };
    budget.enqueue(poll(slow, 18_000.0), 1);
    budget.enqueue(poll(quick, 20_000.0), 2);
    assert_eq!(budget.poll_grant(at(20_000.0)).map(|grant| grant.owner), Some(2));
    assert_eq!(budget.poll_grant(at(20_000.0)).map(|grant| grant.owner), Some(1));
}

#[test]
fn ten_thousand_cancelled_polls_leave_nothing_behind() {
    let mut budget = Budget::new(Some(100));
    let tickets: Vec<_> = (0..10_000).map(|owner| budget.enqueue(poll(f64::from(owner)), owner)).collect();
    for ticket in tickets {
        budget.cancel(at(0.0), ticket);
    }
    assert_eq!(budget.queue.polls(), 0);
    assert_eq!(budget.poll_timeout(at(0.0)), Instant::NEVER);
}

#[test]
fn a_poll_takes_a_place_that_is_kept_for_calls_once_none_went_for_a_quarter_of_a_minute_and_is_woken_just_then() {
    for step in 0..1_000 {
        // Times whose sums and differences round.
        let start = f64::from(step) * 1_234.567;
        let mut budget = Budget::new(Some(20));
        budget.enqueue(poll(start), 1);
        assert!(budget.poll_grant(at(start)).is_some());
        for owner in 2..20 {
            budget.enqueue(Request::Foreground, owner);
            assert!(budget.poll_grant(at(start)).is_some());
        }
        budget.enqueue(poll(start + 1.0), 20);
        assert_eq!(budget.poll_grant(at(start + 1.0)), None, "the last place is kept");
        let wake = budget.poll_timeout(at(start + 1.0));
        assert_eq!(wake, at(start + 15_000.0));
        assert_eq!(budget.poll_grant(wake).map(|grant| grant.owner), Some(20));
    }
}
