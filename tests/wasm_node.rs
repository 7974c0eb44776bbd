//! The host layer and the client on it, as WebAssembly in Node. The tests are in `wasm/`; a browser runs them by
//! `wasm_browser.rs`.
#![cfg(target_arch = "wasm32")]

#[path = "wasm/mod.rs"]
mod wasm;
