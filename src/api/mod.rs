//! The wire contract: where each operation of each version of the API is found, and what its answers promise.

pub mod execution;
pub mod promise;
pub mod routes;
