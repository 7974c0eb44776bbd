//! What the shell and the core have to agree on.

use super::host::{error_codes, operation_names};
use super::js::json;
use lamina_wasm::client::operations::Operation;
use lamina_wasm::core::error::Code;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn the_shells_numbers_of_the_operations_are_the_cores() {
    let names: Vec<String> = Operation::ALL.iter().map(|operation| format!("{operation:?}")).collect();
    let shell = json(&operation_names());
    let shell = shell.as_array().unwrap().iter().map(|name| camel(name.as_str().unwrap()));
    assert_eq!(shell.collect::<Vec<_>>(), names);
    for (number, operation) in (0..).zip(Operation::ALL) {
        assert_eq!(operation as u8, number);
    }
}

/// `LIST_APPS` as `ListApps`.
fn camel(name: &str) -> String {
    name.split('_').map(|word| [&word[..1], &word[1..].to_lowercase()].concat()).collect()
}

#[test]
fn the_shells_error_codes_are_the_cores() {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(json(&error_codes()), json!(codes));
}
