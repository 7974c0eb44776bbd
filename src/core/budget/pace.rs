//! Even spacing of polls when there are more of them than the budget can serve at once.
//!
//! Without it a thousand waits would spend the whole minute's budget in its first second, and a foreground call, or the
//! completion of the shortest job, would wait for the next minute.

use crate::core::time::{Instant, Millis};

/// The share of the budget that paced polls use: the rest is for foreground calls and for answers that take their time.
const SHARE: f64 = 0.95;

/// The pace of the polls of one client.
#[derive(Debug)]
pub struct Pace {
    gap: Millis,
    /// How many polls may go without a pause, and how many at most.
    credit: f64,
    most: f64,
    next: Instant,
    idle_since: Option<Instant>,
}

impl Pace {
    /// The pace for so many requests a minute; none where there is no limit.
    pub fn new(per_minute: Option<u32>) -> Self {
        let per_minute = per_minute.map_or(f64::INFINITY, f64::from);
        let most = per_minute / 2.0;
        let next = Instant::new(f64::NEG_INFINITY);
        Self { gap: Millis::new(60_000.0 / (per_minute * SHARE)), credit: most, most, next, idle_since: None }
    }

    /// When the next poll may go, where there are so many waits. One alone cannot crowd out another.
    pub fn at(&self, now: Instant, polls: usize) -> Instant {
        if polls < 2 || self.credit >= 1.0 + self.kept_by(polls) {
            now
        } else {
            self.next.max(now)
        }
    }

    /// How much of the credit so many waits may not use. A few take what they like; a crowd that spent it in its first
    /// second would find the minute's budget gone long before the minute's end.
    fn kept_by(&self, polls: usize) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "nobody has so many waits")]
        let is_crowd = polls as f64 > self.most / 2.0;
        if is_crowd {
            self.most * 0.8
        } else {
            0.0
        }
    }

    /// Whether a poll may go now.
    pub fn allows(&self, now: Instant, polls: usize) -> bool {
        self.at(now, polls) <= now
    }

    /// A poll went out.
    pub fn sent(&mut self, now: Instant, polls: usize) {
        self.idle_since = None;
        if self.next > now {
            if polls >= 2 {
                self.credit -= 1.0;
            }
        } else {
            // A timer that fires late does not shift the beat.
            self.next = self.next.max(now - self.gap) + self.gap;
        }
    }

    /// No poll waits: the credit grows again. While polls wait it does not, or it would let them out in bursts.
    pub fn idle(&mut self, now: Instant) {
        let idle = now.since(self.idle_since.unwrap_or(now)).get() / self.gap.get();
        if idle > 0.0 {
            self.credit = (self.credit + idle).min(self.most);
        }
        self.idle_since = Some(now);
    }
}
