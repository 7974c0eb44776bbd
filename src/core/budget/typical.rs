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
