//! What every way of waiting is measured against: executions that end when the seed says so, a network, a server's limit.

use std::collections::VecDeque;

/// How many requests the server takes in any minute.
pub const PER_MINUTE: u32 = 100;
pub const MINUTE: f64 = 60_000.0;
/// How long the executions of each app take.
const APPS: [(f64, f64); 3] = [(10_000.0, 30_000.0), (30_000.0, 120_000.0), (120_000.0, 600_000.0)];

/// A seeded generator (`SplitMix64`): the same numbers on every machine.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self, from: f64, to: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        from + (to - from) * ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How long a request, or its reply, is under way.
    pub fn way(&mut self) -> f64 {
        self.next(20.0, 250.0)
    }
}

/// An execution that is waited for from the beginning.
#[derive(Clone, Copy)]
pub struct Wait {
    pub app: usize,
    pub ends: f64,
}

/// `count` executions that begin together; the same ones for every way of waiting.
pub fn waits(count: usize) -> Vec<Wait> {
    let mut chance = Chance(count as u64);
    let mut one = || {
        let app = chance.next(0.0, 2.999) as usize;
        Wait { app, ends: chance.next(APPS[app].0, APPS[app].1) }
    };
    (0..count).map(|_| one()).collect()
}

/// The server's limiter: so many in any minute of its own clock.
#[derive(Default)]
pub struct Limiter(VecDeque<f64>);

impl Limiter {
    /// Whether a request is served that comes now. Requests come in the order of time.
    pub fn serves(&mut self, now: f64) -> bool {
        while self.0.front().is_some_and(|first| *first <= now - MINUTE) {
            self.0.pop_front();
        }
        let free = self.0.len() < PER_MINUTE as usize;
        if free {
            self.0.push_back(now);
        }
        free
    }
}

/// What came of a crowd of waits.
#[derive(Default)]
pub struct Outcome {
    pub requests: usize,
    /// How many of them the server answered with 429.
    pub refused: usize,
    /// From each execution's end until that was known.
    pub delays: Vec<f64>,
}

impl Outcome {
    pub fn mean(&self) -> f64 {
        self.delays.iter().sum::<f64>() / self.delays.len() as f64
    }

    /// The delay that 95 of 100 do not exceed.
    pub fn percentile_95(&mut self) -> f64 {
        self.delays.sort_by(f64::total_cmp);
        self.delays[self.delays.len() * 95 / 100]
    }
}
