//! The host layer and the client on it, as WebAssembly in a page. The tests are in `wasm/`; Node runs them by
//! `wasm_node.rs`.
#![cfg(target_arch = "wasm32")]

#[path = "wasm/mod.rs"]
mod wasm;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
