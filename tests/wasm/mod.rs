//! The tests that Node and browsers share.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

pub mod host;
pub mod js;

mod accept;
mod calls;
mod config;
mod contexts;
mod crowd;
mod deadlines;
mod executor;
mod inputs;
mod keys;
pub mod live;
mod options;
mod poll_step;
mod read;
mod reply;
mod surface;
mod waits;
