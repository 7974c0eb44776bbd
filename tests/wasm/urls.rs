//! Ids, searches and webhooks in URLs, which the host puts together: each stays in its place, and comes out as it went in.

use super::host::Lamina;
use super::js::{js, json};
use lamina_wasm::client::operations::Operation;
use serde_json::{json, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What parsers of paths and queries, replacements of texts and the endpoints' own paths take for something else.
const PARTS: [&str; 22] = [
    "a",
    "/",
    "..",
    "?",
    "#",
    "%",
    "%2F",
    "&",
    "=",
    "+",
    " ",
    "\\",
    "\t",
    "\n",
    "*",
    "~",
    "^",
    "$&",
    "$1",
    ":",
    "é",
    "\u{1f600}",
];

/// Texts of these parts, the same ones in each run.
fn texts(count: u32) -> impl Iterator<Item = String> {
    let mut state = 1_u32;
    let mut next = move |bound: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % bound
    };
    (0..count).map(move |_| (0..=next(6)).map(|_| PARTS[next(PARTS.len())]).collect::<String>() + "x")
}

/// Segments of the path, decoded, and the query of the last request.
fn last(lamina: &Lamina) -> (Value, Value) {
    let url = lamina.host.sent().pop().unwrap()["url"].clone();
    let taken = json(&js(&format!(
        "((url) => ({{ host: url.host, hash: url.hash, query: [...url.searchParams], \
         path: url.pathname.split('/').slice(1).map(decodeURIComponent) }}))(new URL({url}))"
    )));
    assert_eq!((&taken["host"], &taken["hash"]), (&json!("own.example"), &json!("")), "{url}");
    (taken["path"].clone(), taken["query"].clone())
}

#[test]
fn an_id_is_one_segment_of_the_path_in_every_version() {
    let versions = [("api", "api", "executions"), ("v1", "v1", "runs"), ("v1-executions", "v1", "executions")];
    for (version, root, noun) in versions {
        let lamina = Lamina::new(&format!("baseUrl: 'https://own.example/prefix', apiVersion: '{version}'"));
        for id in texts(40) {
            let table = [
                (Operation::GetApp, json!(["prefix", root, "apps", id])),
                (Operation::GetWorkflow, json!(["prefix", root, "apps", id, "workflow"])),
                (Operation::Execute, json!(["prefix", root, "apps", id, noun])),
                (Operation::GetExecution, json!(["prefix", root, noun, id])),
            ];
            let newest = [
                (Operation::CancelExecution, json!(["prefix", root, noun, id, "cancel"])),
                (Operation::EstimateCost, json!(["prefix", root, "apps", id, "estimate"])),
            ];
            for (operation, path) in table.into_iter().chain(newest.into_iter().filter(|_| version == "v1")) {
                lamina.start(operation, &id.as_str().into(), &js("{}"), &JsValue::UNDEFINED);
                assert_eq!(last(&lamina), (path, json!([])));
            }
        }
    }
}

#[test]
fn the_ways_of_a_wait_have_their_paths() {
    let table = [
        ("stream", json!(["v1", "runs", "a/b", "stream"]), json!([])),
        ("long-poll", json!(["v1", "runs", "a/b", "wait"]), json!([["timeout", "28"]])),
    ];
    for (transport, path, query) in table {
        let lamina = Lamina::new("baseUrl: 'https://own.example', apiVersion: 'v1'");
        let options = js(&format!("{{ transport: '{transport}' }}"));
        lamina.start(Operation::Wait, &"a/b".into(), &JsValue::UNDEFINED, &options);
        assert_eq!(last(&lamina), (path, query));
    }
}

#[test]
fn what_is_asked_for_is_one_parameter_each_and_only_what_was_given() {
    let lamina = Lamina::new("baseUrl: 'https://own.example', apiVersion: 'v1'");
    let list = |operation: Operation, options: &Value| {
        lamina.start(operation, &JsValue::UNDEFINED, &JsValue::UNDEFINED, &js(&options.to_string()));
        last(&lamina).1
    };
    for text in texts(40) {
        let options = json!({ "search": text, "limit": 7 });
        assert_eq!(list(Operation::ListApps, &options), json!([["search", text], ["limit", "7"]]));
        let options = json!({ "offset": 0, "limit": 1, "since": text, "appId": text, "status": text });
        let expected = json!([["status", text], ["appId", text], ["limit", "1"], ["offset", "0"], ["since", text]]);
        assert_eq!(list(Operation::ListExecutions, &options), expected);
        let webhook = format!("https://me.example/{text}");
        let options = js(&json!({ "webhook": webhook }).to_string());
        lamina.start(Operation::Execute, &"a".into(), &js("{}"), &options);
        assert_eq!(last(&lamina), (json!(["v1", "apps", "a", "runs"]), json!([["webhook", webhook]])));
    }
    for options in [json!({}), json!({ "search": "" }), json!({ "search": null, "limit": null })] {
        assert_eq!(list(Operation::ListApps, &options), json!([]));
    }
    assert_eq!(list(Operation::ListApps, &json!({ "limit": 4_294_967_295_u32 })), json!([["limit", "4294967295"]]));
    assert_eq!(list(Operation::ListApps, &json!({ "limit": 1e3 })), json!([["limit", "1000"]]));
}
