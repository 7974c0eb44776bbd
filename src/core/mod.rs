//! Every decision of the client, without any input or output.
//!
//! Nothing here knows JavaScript, awaits or reads a clock: it is given events, the time among them, and answers with
//! what to do next. So polling, retries and the rate budget are tested natively, in virtual time, by the thousand.

pub mod agenda;
pub mod alarm;
pub mod base_url;
pub mod budget;
pub mod clock;
pub mod credentials;
pub mod error;
pub mod hash;
pub mod poll;
pub mod retry;
pub mod retry_after;
pub mod sse;
pub mod text;
pub mod time;
pub mod transport;
pub mod validate;
pub mod webhook;
