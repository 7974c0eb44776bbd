//! The host layer and the client on it, as WebAssembly in Node. `wasm_browser.rs` runs the same in a page.
#![cfg(target_arch = "wasm32")]

mod wasm;

#[path = "wasm/in_node.rs"]
mod in_node;
