//! Drives `core` with `host`: one client and its calls.

pub mod accept;
pub mod attempt;
pub mod call;
pub mod clock;
pub mod events;
pub mod inputs;
pub mod look;
pub mod operations;
pub mod options;
pub mod permit;
pub mod poll_step;
pub mod request;
pub mod route;
pub mod runtime;
pub mod steps;
pub mod wait;
pub mod webhook;

use crate::core::alarm::Alarm;
use crate::core::budget::Budget;
use crate::core::text::decimal;
use crate::core::time::{Instant, Millis};
use crate::core::transport::{Way, Ways};
use crate::host::failure::Failure;
use crate::host::value::Value;
use options::Config;
use std::cell::{Cell, RefCell};

/// How long an app's parameters are taken from memory: 5 minutes.
const APP_FRESH: Millis = Millis::new(300_000.0);
/// How many apps and starts are remembered.
const MEMORY: usize = 64;

/// What the calls of one `new Lamina(…)` share.
#[derive(Debug)]
pub struct Client {
    /// The shell's number for it.
    pub id: u32,
    /// Its options; or what is wrong with them, which every call rejects with.
    pub config: Result<Config, Failure>,
    budget: RefCell<Budget>,
    /// When the budget wants to be asked again.
    alarm: Cell<Alarm>,
    apps: RefCell<Memory>,
    /// The apps themselves, by their places.
    known: Value,
    starts: RefCell<Memory>,
    /// The way that waits go which leave the choice to the client; it is left when it proves not to work here.
    ways: Cell<Ways>,
}

impl Client {
    /// A client with these options.
    #[must_use]
    pub fn new(id: u32, options: Value) -> Self {
        let config = Config::read(options);
        let per_minute = config.as_ref().ok().and_then(|config| config.requests_per_minute);
        Self {
            id,
            config,
            budget: RefCell::new(Budget::new(per_minute)),
            alarm: Cell::default(),
            apps: RefCell::default(),
            known: Value::object(&[]),
            starts: RefCell::default(),
            ways: Cell::new(Ways::new(Way::Stream, Instant::new(0.0))),
        }
    }

    /// Its options, if they are good.
    ///
    /// # Errors
    ///
    /// What every call rejects with otherwise.
    pub fn config(&self) -> Result<&Config, Failure> {
        self.config.as_ref().map_err(Clone::clone)
    }

    /// An app that was fetched less than 5 minutes ago.
    fn remembered_app(&self, app_id: &str, now: Instant) -> Option<Value> {
        let (place, at) = find(&self.apps.borrow(), app_id)?;
        (now.since(at) < APP_FRESH).then(|| self.known.get(&decimal(place)))
    }

    fn remember_app(&self, app_id: String, now: Instant, app: Value) {
        let place = remember(&mut self.apps.borrow_mut(), app_id, now);
        self.known.set(&decimal(place), app);
    }

    /// When this client started the execution, if it did so lately.
    fn started(&self, execution_id: &str) -> Option<Instant> {
        find(&self.starts.borrow(), execution_id).map(|(_, at)| at)
    }

    fn remember_start(&self, execution_id: String, now: Instant) {
        remember(&mut self.starts.borrow_mut(), execution_id, now);
    }
}

/// Ids, each with when it was remembered.
type Memory = Vec<(String, Instant)>;

/// The place of an id, and when it was remembered last.
fn find(memory: &Memory, id: &str) -> Option<(u32, Instant)> {
    let mut place = u32::try_from(memory.len()).unwrap_or_default();
    for (known, at) in memory.iter().rev() {
        place = place.saturating_sub(1);
        if known == id {
            return Some((place, *at));
        }
    }
    None
}

/// Adds to the end of a list that forgets everything when it is full: what is remembered only saves a request. Gives its place.
fn remember(memory: &mut Memory, id: String, now: Instant) -> u32 {
    if memory.len() >= MEMORY {
        memory.clear();
    }
    memory.push((id, now));
    u32::try_from(memory.len()).unwrap_or_default().saturating_sub(1)
}
