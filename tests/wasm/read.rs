//! Single values of users and servers: ids, numbers, URLs, members.

use super::held::{held, shown, value_of};
use super::host::ScriptedHost;
use super::js::{js, text};
use lamina_wasm::host::read;
use lamina_wasm::host::value::Value;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn an_id_is_a_string_that_can_stand_in_a_path() {
    ScriptedHost::installed();
    for id in ["fc32ae7d-6840-4be3-8fb1-539a60e33fc3", "a", " ", "...", "a/b", "\u{1f600}", "é", "\u{fffd}"] {
        assert_eq!(read::id(held(&id.into()), "appId").unwrap().text().as_deref(), Some(id));
    }
}

#[test]
fn what_is_no_id_is_refused_and_not_repeated() {
    ScriptedHost::installed();
    let table = [
        "''",
        "'.'",
        "'..'",
        "undefined",
        "null",
        "5",
        "true",
        "10n",
        "Symbol('secret')",
        "new String('secret')",
        "['secret']",
        "{ toString() { return 'secret'; } }",
        // Lone surrogates: a pair that was cut in two. No server gives such an id, and two would be sent as one.
        "'secret\\ud83d'",
        "'\\ude00secret'",
        "'secret\\udc00\\ud800secret'",
    ];
    for expression in table {
        let error = shown(&read::id(held(&js(expression)), "appId").unwrap_err());
        assert_eq!(text(&error, "code"), "INVALID_ARGUMENT", "{expression}");
        let message = text(&error, "message");
        assert!(message.starts_with("`appId` must be ") && !message.contains("secret"), "{message}");
    }
}

#[test]
fn whole_numbers_are_told_from_all_others() {
    ScriptedHost::installed();
    for (expression, expected) in [("0", 0), ("-0", 0), ("7", 7), ("4294967295", u32::MAX), ("1e3", 1000)] {
        assert_eq!(read::whole(held(&js(expression))), Some(expected), "{expression}");
    }
    for expression in [
        "-1",
        "0.5",
        "4294967296",
        "1e300",
        "NaN",
        "Infinity",
        "-Infinity",
        "'7'",
        "7n",
        "null",
        "undefined",
        "[7]",
        "new Number(7)",
    ] {
        assert_eq!(read::whole(held(&js(expression))), None, "{expression}");
    }
}

#[test]
fn a_url_is_taken_apart_by_the_hosts_own_parser() {
    ScriptedHost::installed();
    let table = [
        ("'https://A.Example:443/x/../y/'", ["https:", "a.example", "https://a.example", "/y/"], false),
        ("'http://0x7f.1:8080'", ["http:", "127.0.0.1", "http://127.0.0.1:8080", "/"], false),
        ("'http://[::1]:3000/a'", ["http:", "[::1]", "http://[::1]:3000", "/a"], false),
        ("new URL('https://a.example/p')", ["https:", "a.example", "https://a.example", "/p"], false),
        ("{ toString: () => 'https://a.example/' }", ["https:", "a.example", "https://a.example", "/"], false),
        ("'https://user@a.example/'", ["https:", "a.example", "https://a.example", "/"], true),
        ("'https://:secret@a.example/'", ["https:", "a.example", "https://a.example", "/"], true),
        ("'https://a.example/?'", ["https:", "a.example", "https://a.example", "/"], false),
        ("'https://a.example/?q'", ["https:", "a.example", "https://a.example", "/"], true),
        ("'https://a.example/#top'", ["https:", "a.example", "https://a.example", "/"], true),
        ("' https:\\n//a.example '", ["https:", "a.example", "https://a.example", "/"], false),
        (
            "'https://m\u{fc}nchen.example/\u{fc}'",
            ["https:", "xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example", "/%C3%BC"],
            false,
        ),
    ];
    for (expression, [protocol, hostname, origin, pathname], has_extras) in table {
        let url = read::url(held(&js(expression))).unwrap_or_else(|| panic!("{expression} is no URL"));
        assert_eq!((url.protocol.as_str(), url.hostname.as_str()), (protocol, hostname), "{expression}");
        assert_eq!((url.origin.as_str(), url.pathname.as_str()), (origin, pathname), "{expression}");
        assert_eq!(url.has_extras, has_extras, "{expression}");
    }
}

#[test]
fn what_is_no_absolute_url_is_none() {
    ScriptedHost::installed();
    let table = [
        "undefined",
        "null",
        "5",
        "''",
        "'a.example'",
        "'/path'",
        "'//a.example'",
        "'https://'",
        "'https://[::1/'",
        "'http://a.example:99999'",
        "{}",
        "[]",
        "Symbol('x')",
        "{ toString() { throw new Error('no'); } }",
        "Object.create(null)",
        "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
    ];
    for expression in table {
        assert!(read::url(held(&js(expression))).is_none(), "{expression}");
    }
}

#[test]
fn a_member_that_is_null_or_of_nothing_is_left_out() {
    ScriptedHost::installed();
    for (expression, expected) in
        [("undefined", "undefined"), ("null", "undefined"), ("{ a: null }", "undefined"), ("{ a: 0 }", "0")]
    {
        let member = read::member(held(&js(expression)), "a").unwrap();
        assert_eq!(value_of(member), js(expected), "{expression}");
    }
    let error = shown(&read::member(held(&js("{ get a() { throw 1; } }")), "a").unwrap_err());
    assert_eq!(text(&error, "message"), "`a` could not be read.");
}

#[test]
fn a_member_of_a_reply_is_undefined_wherever_there_is_none() {
    ScriptedHost::installed();
    let text_of = |expression| read::text_of(held(&js(expression)), "a");
    for expression in
        ["undefined", "null", "5", "'text'", "{}", "{ get a() { throw 1; } }", "new Proxy({}, { get() { throw 1; } })"]
    {
        assert_eq!(held(&js(expression)).get("a"), Value::UNDEFINED, "{expression}");
        assert_eq!(text_of(expression), Value::UNDEFINED, "{expression}");
    }
    assert_eq!(held(&js("{ a: null }")).get("a"), Value::UNDEFINED, "the core makes no difference");
    assert_eq!(text_of("{ a: '' }"), Value::UNDEFINED);
    assert_eq!(text_of("{ a: ' ' }").text().as_deref(), Some(" "));
}
