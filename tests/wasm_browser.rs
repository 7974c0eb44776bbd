//! The host layer and the client on it, as WebAssembly in a page. `wasm_node.rs` runs the same in Node.
#![cfg(target_arch = "wasm32")]

mod wasm;

#[path = "wasm/in_a_page.rs"]
mod in_a_page;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
