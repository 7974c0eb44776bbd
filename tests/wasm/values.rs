//! Values as the core holds them, by their numbers: whatever they are, none throws, and none is taken for another.

use super::held::{held, value_of};
use super::host::{same, Lamina, ScriptedHost};
use super::js::{get, js, json};
use lamina_wasm::client::operations::Operation;
use lamina_wasm::host::value::{mark, release, Value};
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Objects that throw wherever they are touched.
const THROWING: [&str; 4] = [
    "{ get a() { throw new Error('no'); } }",
    "new Proxy({}, { get() { throw undefined; } })",
    "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
    "(() => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy; })()",
];

#[test]
fn every_type_of_javascript_is_told_apart() {
    ScriptedHost::installed();
    // As undefined, null, true or false, a number, a text, a function, an object (an array among them).
    let table = [
        ("undefined", 0),
        ("null", 1),
        ("false", 2),
        ("true", 2),
        ("0", 3),
        ("NaN", 3),
        ("''", 4),
        ("() => {}", 5),
        ("class {}", 5),
        ("{}", 6),
        ("new Date()", 6),
        ("new String('')", 6),
        ("[]", 6),
        ("new Proxy([], {})", 6),
        ("new Uint8Array(1)", 6),
        ("10n", 7),
        ("Symbol('x')", 7),
        (THROWING[1], 6),
        (THROWING[2], 6),
        (THROWING[3], 6),
    ];
    for (expression, kind) in table {
        let value = held(&js(expression));
        let found = [
            value.is_undefined(),
            value.is_nothing() && !value.is_undefined(),
            value.as_bool().is_some(),
            value.as_f64().is_some(),
            value.is_string() && value.text().is_some(),
            value.is_function(),
            value.is_object(),
        ];
        let expected: Vec<bool> = (0..7).map(|place| place == kind).collect();
        assert_eq!(found.to_vec(), expected, "{expression}");
        assert_eq!(value.is_nothing(), kind < 2, "{expression}");
    }
    assert_eq!((Value::from(true).as_bool(), Value::from(false).as_bool()), (Some(true), Some(false)));
    assert_eq!((Value::from(1.5).as_f64(), held(&js("NaN")).as_f64().map(f64::is_nan)), (Some(1.5), Some(true)));
    assert!(held(&js("'5'")).number().is_nan() && held(&js("new Number(5)")).number().is_nan());
}

#[test]
fn a_value_keeps_its_identity_whatever_it_is() {
    ScriptedHost::installed();
    for expression in ["null", "true", "NaN", "-0", "'text'", "10n", "Symbol('x')", "{}", "[]", "() => {}", THROWING[2]]
    {
        let value = js(expression);
        assert!(same(&value_of(held(&value)), &value), "{expression}");
        assert!(same(
            &value_of(Value::object(&[("a", held(&value))]).get("a")),
            &if value.is_null() { JsValue::UNDEFINED } else { value.clone() }
        ));
    }
    assert!(value_of(Value::UNDEFINED).is_undefined() && value_of(Value::reserve()).is_undefined());
    assert_ne!(Value::reserve(), Value::UNDEFINED);
}

#[test]
fn a_member_is_undefined_where_there_is_none_where_it_is_null_and_where_reading_it_throws() {
    ScriptedHost::installed();
    let nothing =
        ["undefined", "null", "5", "'text'", "10n", "Symbol('x')", "{}", "[]", "{ a: undefined }", "{ a: null }"];
    for expression in nothing.iter().chain(&THROWING) {
        let value = held(&js(expression));
        assert_eq!(value.get("a"), Value::UNDEFINED, "{expression}");
        assert!(!value.has_text("a"), "{expression}");
    }
    for expression in nothing {
        assert_eq!(held(&js(expression)).member("a"), Ok(Value::UNDEFINED), "{expression}");
    }
    for (expression, text) in
        [("{ a: '' }", false), ("{ a: ' ' }", true), ("{ a: 5 }", false), ("{ a: new String('x') }", false)]
    {
        assert_eq!(held(&js(expression)).has_text("a"), text, "{expression}");
    }
}

#[test]
fn what_a_getter_throws_comes_as_it_is() {
    ScriptedHost::installed();
    for thrown in ["new Error('no')", "undefined", "null", "0", "Symbol('x')", THROWING[2]] {
        let thrown = js(thrown);
        let make = js_sys::Function::new_with_args("thrown", "return { get a() { throw thrown; } }");
        let object = held(&make.call1(&JsValue::UNDEFINED, &thrown).unwrap());
        assert!(same(&value_of(object.member("a").unwrap_err()), &thrown), "{thrown:?}");
    }
    // Also where it is the first thing that a list holds.
    ScriptedHost::installed();
    let first = held(&js(THROWING[2]));
    assert!(value_of(first.member("a").unwrap_err()).is_instance_of::<js_sys::TypeError>());
}

#[test]
fn the_items_of_what_is_no_array_or_throws_are_none_or_undefined() {
    ScriptedHost::installed();
    for expression in
        ["undefined", "null", "'text'", "{ length: 2, 0: 'a' }", "new Uint8Array(2)", THROWING[1], THROWING[3]]
    {
        let value = held(&js(expression));
        assert_eq!((value.count(), value.items().count()), (0, 0), "{expression}");
        assert_eq!(held(&js("undefined")).item(0), Value::UNDEFINED);
    }
    for (expression, expected) in [
        ("['a', undefined, 'b']", json!(["a", null, "b"])),
        ("['a',, 'b']", json!(["a", null, "b"])),
        ("Object.defineProperty(['a', 0, 'b'], 1, { get() { throw 1; } })", json!(["a", null, "b"])),
        ("new Proxy(['a'], { get(list, name) { if (name === '0') throw 1; return list[name]; } })", json!([null])),
        ("new Proxy(['a'], { get(list, name) { if (name === 'length') throw 1; return list[name]; } })", json!([])),
    ] {
        let items: Vec<Option<String>> = held(&js(expression)).items().map(Value::text).collect();
        assert_eq!(json!(items), expected, "{expression}");
    }
}

#[test]
fn proto_is_a_name_like_any_other() {
    ScriptedHost::installed();
    let is_own = |object: &JsValue, expected: &str| {
        assert_eq!(json(object), serde_json::from_str::<serde_json::Value>(expected).unwrap());
        let prototype = js_sys::Object::get_prototype_of(object);
        assert!(same(&prototype, &js("Object.prototype")));
        assert!(get(&js("{}"), "polluted").is_undefined());
    };
    let evil = held(&js("{ polluted: true }"));
    let object = Value::object(&[("__proto__", evil), ("a", 1_u32.into())]);
    is_own(&value_of(object), r#"{ "__proto__": { "polluted": true }, "a": 1 }"#);
    object.set("__proto__", Value::from("b"));
    is_own(&value_of(object), r#"{ "__proto__": "b", "a": 1 }"#);
    let object = Value::object(&[]);
    object.assign(held(&js(r#"JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1 }')"#)));
    is_own(&value_of(object), r#"{ "__proto__": { "polluted": true }, "constructor": 1 }"#);
    object.assign(Value::UNDEFINED);
    for throwing in THROWING {
        object.assign(held(&js(throwing)));
    }
    object.assign(held(&JsValue::NULL));
    is_own(&value_of(object), r#"{ "__proto__": { "polluted": true }, "constructor": 1 }"#);
}

#[test]
fn a_header_may_be_called_proto() {
    let lamina = Lamina::new(r#"headers: JSON.parse('{ "__proto__": "own" }')"#);
    lamina.look("{}");
    lamina.look(r#"{ headers: JSON.parse('{ "__proto__": "of-call", "constructor": "c" }') }"#);
    let headers: Vec<_> = lamina.host.sent().iter().map(|sent| sent["headers"].clone()).collect();
    assert_eq!(headers[0]["__proto__"], "own");
    assert_eq!((&headers[1]["__proto__"], &headers[1]["constructor"]), (&json!("of-call"), &json!("c")));
}

#[test]
fn a_body_of_hostile_names_is_read_by_its_own_members() {
    let lamina = Lamina::new("");
    let body = r#"JSON.parse('{ "data": { "__proto__": { "status": "completed" }, "executionId": "e", "status": "queued" } }')"#;
    let call = lamina.start(Operation::GetExecution, &"e".into(), &JsValue::UNDEFINED, &JsValue::UNDEFINED);
    super::held::answer(call, &js(&format!("{{ status: 200, body: {body} }}")));
    let resolved = json(&lamina.host.resolved(call));
    assert_eq!(resolved, json!({ "__proto__": { "status": "completed" }, "executionId": "e", "status": "queued" }));
}

#[test]
fn what_came_since_a_mark_is_given_back_and_what_was_replaced_stays() {
    ScriptedHost::installed();
    let before = held(&"before".into());
    let place = Value::reserve();
    let start = mark();
    for round in 0..100 {
        let last = held(&format!("round {round}").as_str().into());
        place.replace(last);
        held(&js("{}"));
        release(start);
        assert_eq!(mark(), start);
        assert_eq!(place.text(), Some(format!("round {round}")));
    }
    place.replace(Value::UNDEFINED);
    assert_eq!((before.text().as_deref(), place.text()), (Some("before"), None));
}
