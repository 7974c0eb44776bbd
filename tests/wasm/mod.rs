//! The tests that Node and browsers share.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and its size is nobody's"
)]

pub mod held;
pub mod host;
pub mod js;

mod accept;
mod alarms;
mod calls;
mod config;
mod contexts;
mod crowd;
mod deadlines;
mod executor;
mod hostile;
mod inputs;
mod keys;
mod lists;
pub mod live;
mod options;
mod poll_step;
mod poll_step_refusals;
mod read;
mod reply;
mod surface;
mod urls;
mod values;
mod waits;
