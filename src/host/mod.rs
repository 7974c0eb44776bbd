//! The only code that touches the host: its `fetch`, timers, clocks, environment, and the values that users pass in.

pub mod bindings;
pub mod failure;
pub mod options;
pub mod read;
pub mod reply;
pub mod value;
