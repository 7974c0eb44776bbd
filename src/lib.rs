//! Client for the Lamina Apps API, as one small WebAssembly module.
//!
//! This file is the module's surface: what the JavaScript shell (`pkg-template/src`) calls. The decisions are in
//! [`core`], the wire contract in [`api`], the host's side in [`host`], and [`client`] drives the one with the other.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::disallowed_methods,
        clippy::disallowed_macros,
        reason = "a test may panic"
    )
)]

// What the tests share names the crate as they do from outside.
#[cfg(test)]
extern crate self as lamina_wasm;

pub mod api;
pub mod client;
pub mod core;
pub mod host;

use client::call::Event;
use client::operations::{Asked, Operation};
use client::runtime;
use client::Client;
use host::bindings;
use host::value::Value;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A third of the standard allocator's code; as fast for a few kilobytes at a time.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Makes the client with the shell's number `client`; values are numbers in a list of the host (see [`host::value`]). Bad options show when it is used.
#[wasm_bindgen]
pub fn open(client: u32, options: u32) {
    runtime::open(Rc::new(Client::new(client, Value::new(options))));
}

/// Forgets a client that nobody holds any more.
#[wasm_bindgen]
pub fn close(client: u32) {
    runtime::close(client);
}

/// Starts a call; its promise is settled through the host.
#[wasm_bindgen]
pub fn start(call: u32, client: u32, operation: u8, subject: u32, inputs: u32, options: u32, called_at: f64) {
    let operation = Operation::ALL.get(usize::from(operation)).copied();
    let asked = Asked {
        operation,
        subject: Value::new(subject),
        inputs: Value::new(inputs),
        options: Value::new(options),
        called_at,
    };
    let Some(client) = runtime::client(client) else { return };
    runtime::start(call, move |call| async move {
        #[cfg(feature = "test-panic")]
        panic_on_demand(&asked);
        match client::operations::run(&client, &call, &asked).await {
            Ok(value) => bindings::resolve(value),
            Err(mut failure) => {
                failure.attempts = call.attempts.get();
                bindings::reject(failure.to_js());
            }
        }
    });
}

/// What the core asked the host for came, or it failed with `value`.
#[wasm_bindgen]
pub fn answer(call: u32, value: u32, failed: bool) {
    let value = Value::new(value);
    runtime::resume(call, if failed { Event::Refusal(value) } else { Event::Answer(value) });
}

/// The execution that `call` waits for came by another way.
#[wasm_bindgen]
pub fn arrived(call: u32, execution: u32) {
    runtime::arrive(call, Value::new(execution));
}

/// Drops a call whose promise is settled already.
#[wasm_bindgen]
pub fn cancel(call: u32) {
    runtime::cancel(call);
}

/// The timer that was asked for `call` went off.
#[wasm_bindgen]
pub fn tick(call: u32) {
    runtime::tick(call);
}

/// The timer that was asked for the budget of `client` went off.
#[wasm_bindgen(js_name = tickClient)]
pub fn tick_client(client: u32) {
    runtime::tick_client(client);
}

/// Panics in the middle of a call whose subject is the word, for the tests of what follows a panic.
#[cfg(feature = "test-panic")]
#[allow(clippy::panic, reason = "it is what this is for")]
fn panic_on_demand(asked: &Asked) {
    if asked.subject.text().as_deref() == Some("test-panic") {
        panic!("a deliberate panic");
    }
}
