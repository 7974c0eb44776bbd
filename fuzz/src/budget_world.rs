//! A budget among any events at all, and what it promises at each of them. A broken promise is a panic.

use lamina_wasm::core::budget::{AppKey, Budget, RateHead, Request, Ticket};
use lamina_wasm::core::clock::Clock;
use lamina_wasm::core::time::{Instant, Millis};

const MINUTE: f64 = 60_000.0;
/// How far a likely completion may go ahead of another poll.
const LONGEST_HEAD_START: f64 = 30_000.0;
/// Resets that differ by less are one and the same, rounded to seconds on the way.
const SAME_RESET: f64 = 2_000.0;

/// What may happen to a budget. `which` chooses among what there is.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// Somebody calls.
    Foreground,
    /// A wait queues its next look, due in so long, at an execution that began so long ago.
    Poll { due_in: f64, age: f64, app: u64 },
    /// Time passes, and the client asks whenever the budget told it to.
    Pass(f64),
    /// Time passes, and nobody asks: a timer is late, or the machine slept.
    Oversleep(f64),
    /// The host's clock is set.
    Jump(f64),
    /// A request is answered, perhaps with how many the server still takes, and for how long.
    Answer { which: usize, head: Option<(u32, f64)> },
    /// A call ends, whatever its request is doing.
    Cancel { which: usize },
    /// The server refuses a request and asks for a pause.
    Block(f64),
    /// The server tells its own limit, in requests a minute.
    ServerLimit(u32),
    /// An execution of an app is over after so long.
    Learn { app: u64, duration: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Queued,
    /// Since then.
    Sent(f64),
    /// From then to then.
    Over(f64, f64),
    Cancelled,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    ticket: Ticket,
    /// Of a poll.
    due: Option<f64>,
    state: State,
}

/// What one answer said: so many more until then.
#[derive(Clone, Copy, Debug)]
struct Said {
    left: usize,
    until: f64,
}

/// The budget, everything that was asked of it, and a host's clock.
#[derive(Debug)]
pub struct World {
    own_limit: Option<u32>,
    /// The lower of that and the server's.
    limit: Option<u32>,
    budget: Budget,
    clock: Clock,
    reading: f64,
    asked: Vec<Asked>,
    blocked_until: f64,
    said: Vec<Said>,
    learned: bool,
    last_poll: Option<f64>,
}

impl World {
    /// A new budget of so many requests a minute.
    pub fn new(limit: Option<u32>) -> Self {
        Self {
            own_limit: limit,
            limit,
            budget: Budget::new(limit),
            clock: Clock::default(),
            reading: 0.0,
            asked: Vec::new(),
            blocked_until: f64::NEG_INFINITY,
            said: Vec::new(),
            learned: false,
            last_poll: None,
        }
    }

    fn now(&mut self) -> Instant {
        self.clock.read(self.reading)
    }

    /// One event, and what the budget grants after it.
    pub fn event(&mut self, event: Event) {
        let now = self.now();
        match event {
            Event::Foreground => self.ask(Request::Foreground, None),
            Event::Poll { due_in, age, app } => {
                let due = now + Millis::new(due_in);
                let began = now - Millis::new(age);
                self.ask(Request::Poll { due, began, app: AppKey::new(app) }, Some(due.get()));
            }
            Event::Pass(time) => self.pass(time),
            Event::Oversleep(time) => self.reading += time,
            Event::Jump(time) => self.reading += time,
            Event::Answer { which, head } => self.answer(which, head),
            Event::Cancel { which } => self.cancel(which),
            Event::Block(pause) => {
                self.budget.block(now, Millis::new(pause));
                self.blocked_until = self.blocked_until.max(now.get() + pause);
                assert!(self.budget.blocked_for(now).get() >= pause);
            }
            Event::ServerLimit(per_minute) => {
                self.budget.server_limit(per_minute);
                self.limit = self.own_limit.map(|own| own.min(per_minute.max(1)));
            }
            Event::Learn { app, duration } => {
                self.learned = true;
                self.budget.learn(AppKey::new(app), Millis::new(duration));
            }
        }
        self.grant_what_is_allowed();
    }

    fn ask(&mut self, request: Request, due: Option<f64>) {
        let owner = u32::try_from(self.asked.len()).unwrap_or_default();
        let now = self.now();
        // As the client does: a call is queued only where it cannot be sent at once.
        let at_once = if due.is_none() { self.budget.grant_at_once(now, owner) } else { None };
        let ticket = at_once.unwrap_or_else(|| self.budget.enqueue(request, owner));
        let lives = |one: &Asked| matches!(one.state, State::Queued | State::Sent(_));
        assert!(self.asked.iter().filter(|one| lives(one)).all(|one| one.ticket != ticket), "two with one ticket");
        self.asked.push(Asked { ticket, due, state: State::Queued });
        if at_once.is_some() {
            self.granted(owner as usize);
        }
    }

    /// One of those that `choose` takes, by number.
    fn choose(&self, which: usize, choose: impl Fn(&State) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.asked.len()).filter(|index| choose(&self.asked[*index].state)).collect();
        all.get(which.checked_rem(all.len())?).copied()
    }

    fn answer(&mut self, which: usize, head: Option<(u32, f64)>) {
        let Some(index) = self.choose(which, |state| matches!(state, State::Sent(_))) else { return };
        let now = self.now();
        self.end(index, now.get());
        let rate_head =
            |(remaining, reset)| RateHead { remaining: Some(remaining), reset_in: Some(Millis::new(reset)) };
        self.budget.replied(now, self.asked[index].ticket, head.map(rate_head));
        if let Some((remaining, reset)) = head {
            let until = now.get() + reset;
            // An answer of a later window ends what those before it said.
            self.said.retain(|said| until < said.until + SAME_RESET);
            // Those under way may have been counted by the server after it wrote this answer.
            let left = (remaining as usize).saturating_sub(self.count(|state| matches!(state, State::Sent(_))));
            self.said.push(Said { left, until });
        }
    }

    fn end(&mut self, index: usize, now: f64) {
        self.asked[index].state = match self.asked[index].state {
            State::Sent(since) => State::Over(since, now),
            State::Queued => State::Cancelled,
            over => over,
        };
    }

    /// Also of calls that are over: their tickets may come once more, and mean nobody then.
    fn cancel(&mut self, which: usize) {
        let Some(index) = self.choose(which, |_| true) else { return };
        let now = self.now();
        self.end(index, now.get());
        self.budget.cancel(now, self.asked[index].ticket);
    }

    fn pass(&mut self, time: f64) {
        let until = self.reading + time;
        loop {
            let now = self.now();
            let wake = self.budget.poll_timeout(now).since(now).get();
            if self.reading + wake > until {
                break;
            }
            // A host's timer takes whole milliseconds.
            self.reading += wake.ceil();
            self.grant_what_is_allowed();
        }
        self.reading = self.reading.max(until);
    }

    fn count(&self, which: impl Fn(&State) -> bool) -> usize {
        self.asked.iter().filter(|one| which(&one.state)).count()
    }

    /// How many requests count towards the limit at `now`.
    fn used(&self, now: f64) -> usize {
        self.count(|state| match state {
            State::Sent(_) => true,
            State::Over(_, end) => end + MINUTE > now,
            State::Queued | State::Cancelled => false,
        })
    }

    /// Asks as the client does: until nothing is granted. Gives how many were.
    fn grant_what_is_allowed(&mut self) -> usize {
        let now = self.now();
        let mut granted = 0;
        while let Some(grant) = self.budget.poll_grant(now) {
            let index = grant.owner as usize;
            assert_eq!(self.asked[index].ticket, grant.ticket, "the ticket is its owner's");
            self.granted(index);
            granted += 1;
        }
        let wake = self.budget.poll_timeout(now);
        assert!(wake > now, "it would be asked again and again for nothing");
        if self.count(|state| *state == State::Queued) > 0 && wake == Instant::NEVER {
            assert!(self.count(|state| matches!(state, State::Sent(_))) > 0, "nothing would ever wake it");
        }
        granted
    }

    /// Holds a grant to its promises.
    fn granted(&mut self, index: usize) {
        let now = self.now().get();
        assert_eq!(self.asked[index].state, State::Queued, "granted once, and not after its end");
        self.check_order(now, index);
        self.check_server(now);
        self.asked[index].state = State::Sent(now);
        if let Some(limit) = self.limit {
            let is_poll = self.asked[index].due.is_some();
            // After a quarter of a minute without a poll, one may take a place that is kept for calls.
            let starves = self.last_poll.is_none_or(|last| now >= last + 15_000.0);
            let share = if is_poll && !starves { limit - limit / 20 } else { limit };
            assert!(self.used(now) <= share as usize, "more than the budget in one minute");
        }
        if self.asked[index].due.is_some() {
            self.last_poll = Some(now);
        }
    }

    fn check_order(&self, now: f64, index: usize) {
        let queued = || self.asked.iter().filter(|one| one.state == State::Queued);
        match self.asked[index].due {
            None => {
                let mut earlier = self.asked.iter().take(index);
                let waits = |one: &Asked| one.due.is_none() && one.state == State::Queued;
                assert!(!earlier.any(waits), "of calls, the one that waits longest goes first");
            }
            Some(due) => {
                assert!(due <= now, "a poll before its time");
                assert!(queued().all(|one| one.due.is_some()), "calls go before polls");
                let ahead = if self.learned { LONGEST_HEAD_START } else { 0.0 };
                assert!(queued().all(|one| one.due.is_none_or(|other| due <= other + ahead)), "oldest due first");
            }
        }
    }

    fn check_server(&mut self, now: f64) {
        assert!(now >= self.blocked_until, "the server asked to be left alone");
        self.said.retain(|said| said.until > now);
        for said in &mut self.said {
            assert!(said.left > 0, "the server takes no more before its reset");
            said.left -= 1;
        }
    }

    /// Nothing new happens, and every answer takes `latency`: by when everything queued is granted, if nobody is starved.
    pub fn drain(mut self, latency: f64) {
        let now = self.now().get();
        let forbidden = self.said.iter().map(|said| said.until).fold(self.blocked_until, f64::max);
        let last_due = self.asked.iter().filter(|one| one.state == State::Queued).filter_map(|one| one.due);
        let start = last_due.fold(now, f64::max).max(forbidden);
        let per_minute = self.limit.map_or(usize::MAX, |limit| (limit - limit / 20) as usize);
        let minutes = self.count(|state| *state == State::Queued).div_ceil(per_minute) + 2;
        let bound = start + minutes as f64 * (MINUTE / 0.95 + latency);
        while self.count(|state| *state == State::Queued) > 0 {
            let now = self.now();
            let reply_at = self.asked.iter().filter_map(|one| match one.state {
                State::Sent(since) => Some((since + latency).max(now.get())),
                _ => None,
            });
            let reply_at = reply_at.fold(f64::INFINITY, f64::min);
            let wake = self.budget.poll_timeout(now).get();
            let next = wake.min(reply_at);
            assert!(next <= bound, "somebody waits until {next}, later than {bound}");
            self.reading += next - now.get();
            self.now();
            self.clock.is_at_least(Instant::new(next));
            if reply_at <= wake {
                let is_next = |state: &State| matches!(state, State::Sent(since) if since + latency <= next);
                while let Some(index) = self.choose(0, is_next) {
                    self.end(index, next);
                    let now = self.now();
                    self.budget.replied(now, self.asked[index].ticket, None);
                }
                self.grant_what_is_allowed();
            } else {
                assert!(self.grant_what_is_allowed() > 0, "it was asked when it said, and granted nothing");
            }
        }
    }
}
