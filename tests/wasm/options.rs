//! Options as users pass them, hostile ones too: the first problem is kept, and no exception crosses the core.

use super::held::{held, shown, value_of};
use super::host::{same, ScriptedHost};
use super::js::{get, js, json, text};
use lamina_wasm::core::time::Millis;
use lamina_wasm::host::failure::invalid_argument;
use lamina_wasm::host::options::Options;
use lamina_wasm::host::read::whole;
use lamina_wasm::host::value::Value;
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What `read` makes of the options that `expression` gives, and the message of their refusal.
fn read<T>(expression: &str, read: impl Fn(&mut Options) -> T) -> (T, Option<String>) {
    ScriptedHost::installed();
    let mut options = Options::new(held(&js(expression)));
    let value = read(&mut options);
    let refused = options.finish().err().map(|failure| {
        let error = shown(&failure);
        assert_eq!(text(&error, "code"), "INVALID_ARGUMENT");
        assert_eq!(get(&error, "retryable"), false);
        text(&error, "message")
    });
    (value, refused)
}

/// Every value of the table is refused by a message that starts with the option's name.
fn refuses<T>(name: &str, values: &[&str], reader: impl Fn(&mut Options) -> T) {
    for value in values {
        let (_, message) = read(&format!("{{ {name}: {value} }}"), &reader);
        let message = message.unwrap_or_else(|| panic!("{name}: {value} is taken"));
        assert!(message.starts_with(&format!("`{name}` must be ")), "{value}: {message}");
    }
}

#[test]
fn options_that_are_left_out_get_their_defaults() {
    for expression in ["undefined", "null", "{}", "Object.create(null)", "[]", "{ a: undefined, headers: null }"] {
        let (values, refused) = read(expression, |options| {
            (
                options.millis("a"),
                options.limit("a", Millis::new(7.0)),
                options.count("a", 1),
                options.text("a"),
                options.flag("a", true),
                options.function("a"),
                options.headers(Value::UNDEFINED),
            )
        });
        let nothing = Value::UNDEFINED;
        assert_eq!(values, (Millis::ZERO, Millis::new(7.0), nothing, nothing, true, false, nothing), "{expression}");
        assert_eq!(refused, None, "{expression}");
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for expression in ["'timeoutMs'", "5", "true", "Symbol('x')", "10n", "() => {}"] {
        let (_, refused) = read(expression, |options| options.millis("timeoutMs"));
        assert_eq!(refused.as_deref(), Some("Options must be an object."), "{expression}");
    }
}

#[test]
fn options_may_come_from_any_prototype() {
    let table = [
        "Object.create({ timeoutMs: 5 })",
        "new (class { get timeoutMs() { return 5; } })()",
        "Object.assign(Object.create(null), { timeoutMs: 5 })",
        "Object.assign([], { timeoutMs: 5 })",
        "Object.assign(new Date(), { timeoutMs: 5 })",
        "Object.freeze({ timeoutMs: 5 })",
        "new Proxy({}, { get: () => 5 })",
    ];
    for expression in table {
        let (millis, refused) = read(expression, |options| options.millis("timeoutMs"));
        assert_eq!((millis.get(), refused), (5.0, None), "{expression}");
    }
}

#[test]
fn a_getter_that_throws_is_an_invalid_argument_with_what_it_threw_as_the_cause() {
    ScriptedHost::installed();
    for thrown in ["new RangeError('mine')", "{ odd: 1 }", "'a string'", "Symbol('odd')"] {
        let thrown = js(thrown);
        let make = js_sys::Function::new_with_args("thrown", "return { get timeoutMs() { throw thrown; } }");
        let object = make.call1(&JsValue::UNDEFINED, &thrown).unwrap();
        let mut options = Options::new(held(&object));
        assert_eq!(options.millis("timeoutMs"), Millis::ZERO);
        let error = shown(&options.finish().unwrap_err());
        assert_eq!(text(&error, "message"), "`timeoutMs` could not be read.");
        assert!(same(&get(&error, "cause"), &thrown));
    }
}

#[test]
fn a_proxy_that_throws_is_an_invalid_argument() {
    let table = [
        "new Proxy({}, { get() { throw new Error('no'); } })",
        "new Proxy({}, { get() { throw undefined; } })",
        "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
        "new Proxy({}, { get(target, name, receiver) { return receiver[name]; } })",
    ];
    for expression in table {
        let (_, refused) = read(expression, |options| options.text("auth"));
        assert_eq!(refused.as_deref(), Some("`auth` could not be read."), "{expression}");
    }
}

#[test]
fn the_first_problem_is_kept_and_nothing_is_read_after_it() {
    ScriptedHost::installed();
    let object = js("{ good: 1, bad: -1, worse: 'x', get never() { this.touched = true; return true; } }");
    let mut options = Options::new(held(&object));
    assert_eq!(options.millis("good").get(), 1.0);
    options.millis("bad");
    options.count("worse", 0);
    assert!(!options.flag("never", false));
    assert!(options.value("good").is_undefined());
    options.refuse(invalid_argument("A later problem."));
    let error = shown(&options.finish().unwrap_err());
    assert!(text(&error, "message").starts_with("`bad` must be "));
    assert!(get(&object, "touched").is_undefined());
}

#[test]
fn a_span_of_time_is_a_positive_finite_number() {
    for (value, expected) in [("1", 1.0), ("0.5", 0.5), ("1e12", 1e12)] {
        assert_eq!(read(&format!("{{ a: {value} }}"), |options| options.millis("a").get()), (expected, None));
    }
    let refused =
        ["0", "-0", "-1", "NaN", "Infinity", "'5'", "5n", "true", "[]", "[5]", "{}", "new Number(5)", "new Date()"];
    refuses("a", &refused, |options| options.millis("a"));
}

#[test]
fn a_limit_may_be_nothing_or_without_end() {
    for (value, expected) in [("0", 0.0), ("5", 5.0), ("Infinity", f64::INFINITY)] {
        let (limit, refused) = read(&format!("{{ a: {value} }}"), |options| options.limit("a", Millis::new(1.0)).get());
        assert_eq!((limit, refused), (expected, None));
    }
    refuses("a", &["-1", "NaN", "-Infinity", "'0'", "false", "{}"], |options| options.limit("a", Millis::ZERO));
}

#[test]
fn a_count_is_a_whole_number_that_fits() {
    for (value, expected) in [("0", 0), ("1", 1), ("4294967295", u32::MAX), ("3.0", 3)] {
        assert_eq!(read(&format!("{{ a: {value} }}"), |options| whole(options.count("a", 0))), (Some(expected), None));
    }
    refuses("a", &["-1", "1.5", "4294967296", "1e300", "NaN", "Infinity", "'1'", "1n", "[1]"], |options| {
        options.count("a", 0)
    });
    refuses("a", &["0"], |options| options.count("a", 1));
}

#[test]
fn texts_flags_and_functions_are_not_converted() {
    assert_eq!(read("{ a: '' }", |options| options.text("a").text()), (Some(String::new()), None));
    refuses("a", &["5", "true", "{}", "new String('x')", "Symbol('x')"], |options| options.text("a"));
    assert_eq!(read("{ a: false }", |options| options.flag("a", true)), (false, None));
    refuses("a", &["0", "1", "'true'", "''", "{}", "new Boolean(true)"], |options| options.flag("a", false));
    for function in ["() => {}", "async () => {}", "class {}", "new Proxy(() => {}, {})", "fetch"] {
        assert_eq!(read(&format!("{{ a: {function} }}"), |options| options.function("a")), (true, None));
    }
    refuses("a", &["0", "'fetch'", "{}", "[]"], |options| options.function("a"));
}

/// Names and values of the headers that `expression` gives, and the message of their refusal.
fn read_headers(expression: &str) -> (serde_json::Value, Option<String>) {
    let (headers, refused) = read(&format!("{{ headers: {expression} }}"), |options| options.headers(Value::UNDEFINED));
    (json(&js_sys::Object::entries(&value_of(headers).into())), refused)
}

#[test]
fn headers_come_as_an_object_as_headers_or_as_pairs() {
    let table = [
        "{ 'X-Trace': '1', Accept: 'a/b' }",
        "new Map([['X-Trace', '1'], ['Accept', 'a/b']])",
        "[['x-trace', '1'], ['ACCEPT', 'a/b']]",
        "{ 'X-Trace': '1', left: undefined, out: null, Accept: 'a/b' }",
        "Object.create({ inherited: '1' }, { 'x-trace': { value: '1', enumerable: true }, accept: { value: 'a/b', enumerable: true } })",
    ];
    for headers in table {
        let found = read_headers(headers);
        assert_eq!(found, (json!([["x-trace", "1"], ["accept", "a/b"]]), None), "{headers}");
    }
    let (found, _) = read_headers("new Headers({ 'X-Trace': '1', Accept: 'a/b' })");
    assert_eq!(found, json!([["accept", "a/b"], ["x-trace", "1"]]));
}

#[test]
fn headers_that_cannot_be_sent_are_refused_and_not_repeated() {
    let table = [
        "5",
        "'x: y'",
        "() => {}",
        "{ 'x y': 'secret' }",
        "{ '': 'secret' }",
        "{ 'n\u{e4}me': 'secret' }",
        "{ x: 'secret\\r\\nevil: 1' }",
        "{ x: 'secret\\u0000' }",
        "{ x: 'secret \\ud800' }",
        "{ x: 'secret \u{20ac}' }",
        "{ x: 1 }",
        "{ x: { toString() { throw new Error('secret'); } } }",
        "{ get x() { throw new Error('secret'); } }",
        "{ *[Symbol.iterator]() { throw new Error('secret'); } }",
        "{ [Symbol.iterator]() { return 5; } }",
        "[5]",
        "[null]",
        "[[Symbol('x'), 'secret']]",
        "new Proxy({}, { ownKeys() { throw new Error('secret'); } })",
        "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
    ];
    for headers in table {
        let (found, refused) = read_headers(headers);
        assert_eq!(found, json!([]));
        let message = refused.unwrap_or_else(|| panic!("{headers} is taken"));
        assert!(message.starts_with("`headers` must be ") && !message.contains("secret"), "{message}");
    }
}
