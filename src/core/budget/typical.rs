//! How long the executions of each app take, learned from what this client saw.

use crate::core::time::Millis;

/// What stands for one app: its id's hash, or 0 where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppKey(u64);

impl AppKey {
    /// The key that `hash` stands for.
    #[must_use]
    pub const fn new(hash: u64) -> Self {
        Self(hash)
    }
}

/// How many apps are remembered; when there are more, it is learned anew.
const MOST: usize = 64;
/// How much the newest duration counts.
const WEIGHT: f64 = 0.25;

/// The typical duration of each app's executions.
#[derive(Debug, Default)]
pub struct Typical {
    apps: Vec<(AppKey, Millis)>,
}

impl Typical {
    /// An execution of `app` took so long.
    pub fn learn(&mut self, app: AppKey, duration: Millis) {
        if let Some((_, typical)) = self.apps.iter_mut().find(|(known, _)| *known == app) {
            *typical = typical.times(1.0 - WEIGHT) + duration.times(WEIGHT);
            return;
        }
        if self.apps.len() >= MOST {
            self.apps.clear();
        }
        self.apps.push((app, duration));
    }

    /// How far a poll of an execution of this age goes ahead of others, when polls wait: as if it had been due so much
    /// earlier. Nothing before half of the typical time, then more and more, for its completion is likelier; less again
    /// when it has taken far longer. Bounded, so that it only ever overtakes what waits for a shorter time.
    pub fn head_start(&self, app: AppKey, age: Millis) -> Millis {
        let Some((_, typical)) = self.apps.iter().find(|(known, _)| *known == app) else { return Millis::ZERO };
        let progress = age.get() / typical.get().max(1.0);
        let likelihood = if progress < 2.0 { (progress * 2.0 - 1.0).clamp(0.0, 1.0) } else { 0.5 };
        typical.times(0.5).min(LONGEST).times(likelihood)
    }
}

/// The longest head start.
const LONGEST: Millis = Millis::new(30_000.0);

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Millis = Millis::new(60_000.0);

    fn head_start(typical: &Typical, age: f64) -> f64 {
        typical.head_start(AppKey::new(1), Millis::new(age)).get()
    }

    fn one_minute() -> Typical {
        let mut typical = Typical::default();
        typical.learn(AppKey::new(1), MINUTE);
        typical
    }

    #[test]
    fn an_app_that_was_never_seen_to_end_goes_ahead_of_nobody() {
        let typical = one_minute();
        assert_eq!(typical.head_start(AppKey::new(2), MINUTE), Millis::ZERO);
    }

    #[test]
    fn a_completion_gets_likelier_from_half_of_the_typical_time_on_and_less_likely_after_twice_of_it() {
        let table = [
            (0.0, 0.0),
            (30_000.0, 0.0),
            (45_000.0, 15_000.0),
            (60_000.0, 30_000.0),
            (119_000.0, 30_000.0),
            (120_000.0, 15_000.0),
            (9e9, 15_000.0),
        ];
        for (age, ahead) in table {
            assert_eq!(head_start(&one_minute(), age), ahead, "{age}");
        }
    }

    #[test]
    fn no_head_start_is_longer_than_half_a_minute() {
        let mut typical = Typical::default();
        typical.learn(AppKey::new(1), MINUTE.times(60.0));
        assert_eq!(head_start(&typical, 3_600_000.0), 30_000.0);
        assert_eq!(head_start(&typical, 0.0), 0.0);
    }

    #[test]
    fn what_is_learned_later_counts_more_and_a_single_odd_one_does_not_decide() {
        let mut typical = one_minute();
        typical.learn(AppKey::new(1), MINUTE.times(5.0));
        assert_eq!(typical.apps, [(AppKey::new(1), MINUTE.times(2.0))]);
        for _ in 0..20 {
            typical.learn(AppKey::new(1), MINUTE.times(5.0));
        }
        assert!(typical.apps.iter().all(|(_, learned)| *learned > MINUTE.times(4.9)));
    }

    #[test]
    fn any_number_of_apps_and_any_duration_leave_it_small_and_sane() {
        let mut typical = Typical::default();
        for app in 0..10_000 {
            typical.learn(AppKey::new(app), Millis::new([0.0, 1e300, f64::INFINITY, f64::NAN, 5.0][app as usize % 5]));
            assert!(typical.apps.len() <= MOST);
            for age in [0.0, 1.0, 1e12, f64::INFINITY] {
                let ahead = typical.head_start(AppKey::new(app), Millis::new(age));
                assert!(ahead >= Millis::ZERO && ahead <= LONGEST, "{app} {age} {ahead:?}");
            }
        }
    }
}
