//! Inputs against apps, as JavaScript holds them: names and labels are compared exactly as they are.

use super::held::{held, shown, value_of};
use super::host::ScriptedHost;
use super::js::{get, js, json, parsed, text};
use lamina_wasm::api::routes::ApiVersion;
use lamina_wasm::client::inputs::{refuse_bad, report};
use serde_json::{json, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A documented app, whose names and labels hold double spaces and spaces at the end.
const CATALOG: &str = include_str!("../fixtures/f02-app-catalog-no-parameter-ids.json");
const CARTOONIFY: &str = include_str!("../fixtures/f01-app-cartoonify.json");
/// Parameters by `key` alone.
const SKETCH: &str = include_str!("../fixtures/f04-app-v1-sketch.json");

fn app(fixture: &str) -> JsValue {
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    parsed(fixture.get("data").unwrap_or(&fixture))
}

/// The report on the inputs that `expression` gives.
fn check(app: &JsValue, inputs: &str, version: ApiVersion) -> Value {
    ScriptedHost::installed();
    let report = report(held(app), held(&js(inputs)), version);
    json(&value_of(report.unwrap_or_else(|_| panic!("{inputs} is no object"))))
}

/// Parameter, code and suggestion of each finding in the list.
fn findings(report: &Value, list: &str) -> Value {
    let told = report[list].as_array().unwrap().iter();
    told.map(|one| json!([one["parameter"], one["code"], one["suggestion"]])).collect()
}

#[test]
fn labels_with_spaces_at_the_end_are_valid_as_they_are_and_only_so() {
    let catalog = app(CATALOG);
    let good = "{ 'Model  Ethnicity': 'Asian', 'Model Body type': 'Standard ', 'Model Hair Style': 'Straight ' }";
    let found = check(&catalog, good, ApiVersion::Api);
    assert_eq!((&found["valid"], findings(&found, "errors")), (&json!(true), json!([])));
    let trimmed = "{ 'Model Body type': 'Standard', 'Model Hair Style': 'straight ' }";
    let found = check(&catalog, trimmed, ApiVersion::Api);
    assert_eq!(found["valid"], false);
    let expected = json!([
        ["Model Body type", "invalid_option", "Standard "],
        ["Model Hair Style", "invalid_option", "Straight "],
    ]);
    assert_eq!(findings(&found, "errors"), expected);
}

#[test]
fn a_name_with_a_double_space_is_another_than_with_one() {
    for (version, list) in
        [(ApiVersion::Api, "warnings"), (ApiVersion::V1, "errors"), (ApiVersion::V1Executions, "warnings")]
    {
        let found = check(&app(CATALOG), "{ 'Model Ethnicity': 'Asian' }", version);
        let unknown = json!(["Model Ethnicity", "unknown_parameter", "Model  Ethnicity"]);
        assert_eq!(findings(&found, list)[0], unknown, "{version:?}");
        assert_eq!(found["valid"], version != ApiVersion::V1);
    }
}

#[test]
fn what_is_missing_without_a_default_is_a_warning_on_api_and_an_error_on_v1() {
    let found = check(&app(CARTOONIFY), "{}", ApiVersion::Api);
    assert_eq!(findings(&found, "warnings"), json!([["Style", "missing_no_default", null]]));
    assert_eq!(found["valid"], true);
    let found = check(&app(CARTOONIFY), "undefined", ApiVersion::V1);
    assert_eq!(findings(&found, "errors"), json!([["Style", "missing_no_default", null]]));
}

#[test]
fn a_parameter_that_is_sketched_by_its_key_goes_by_its_key() {
    let good = "{ product_image: 'https://a.example/x.png', prompt: 'x', aspect_ratio: '16:9' }";
    for version in [ApiVersion::V1, ApiVersion::V1Executions] {
        assert_eq!(check(&app(SKETCH), good, version), json!({ "valid": true, "errors": [], "warnings": [] }));
    }
    let found = check(&app(SKETCH), "{ product_image: 'x.png', prompt: 'x', aspect_ratio: '2:1' }", ApiVersion::V1);
    let codes = json!([["product_image", "invalid_url", null], ["aspect_ratio", "invalid_option", "1:1"]]);
    assert_eq!(findings(&found, "errors"), codes);
}

#[test]
fn an_error_says_what_to_do_in_members_that_are_all_there() {
    let found = check(&app(CARTOONIFY), "{ Style: 'Gibli', Upload: 5 }", ApiVersion::Api);
    let message = "\"Style\": invalid option \"Gibli\". Must be one of: Ghibli, Simpsons, Disney / Pixar, Cyberpunk";
    let expected =
        json!({ "parameter": "Style", "code": "invalid_option", "message": message, "suggestion": "Ghibli" });
    assert_eq!(found["errors"][0], expected);
    assert!(found["errors"][1].as_object().unwrap().get("suggestion").is_none());
}

#[test]
fn values_of_every_type_of_javascript_are_told_apart() {
    let app = js(
        "{ parameters: [{ name: 'x', type: 'text' }, { name: 'list', type: 'text', multiple: true, default: '' }] }",
    );
    let code =
        |value: &str| findings(&check(&app, &format!("{{ x: {value} }}"), ApiVersion::Api), "errors")[0][1].clone();
    // A date and a URL are texts, as JSON sends them.
    for value in ["''", "'text'", "'\\ud800'", "'x'.repeat(1e6)", "new Date(0)", "new URL('https://a.example')"] {
        assert_eq!(code(value), Value::Null, "{value}");
    }
    for value in
        ["5", "NaN", "true", "null", "{}", "[]", "['text']", "10n", "Symbol('x')", "() => {}", "{ toJSON: () => 5 }"]
    {
        assert_eq!(code(value), "invalid_type", "{value}");
    }
    assert_eq!(check(&app, "{ x: 'a', list: ['b', 'c'] }", ApiVersion::Api)["valid"], true);
    let found = check(&app, "{ x: 'a', list: ['b', 5, ['c', ['d', ['e']]]] }", ApiVersion::Api);
    assert_eq!(found["errors"].as_array().unwrap().len(), 2);
}

#[test]
fn a_wrong_value_is_called_by_its_type() {
    let app = js("{ parameters: [{ name: 'x', type: 'text', multiple: true }] }");
    let table = [
        ("5", "a number"),
        ("true", "a boolean"),
        ("null", "null"),
        ("{}", "an object"),
        ("[[]]", "a list"),
        ("[undefined]", "null"),
        ("10n", "a bigint"),
    ];
    for (value, kind) in table {
        let found = check(&app, &format!("{{ x: {value} }}"), ApiVersion::Api);
        let message = format!("\"x\": must be a string or a list of strings, not {kind}.");
        assert_eq!(found["errors"][0]["message"], message, "{value}");
    }
}

#[test]
fn what_stands_between_texts_on_their_way_to_the_core_is_taken_out_of_them() {
    let app = js(
        "{ parameters: [{ name: 'a\\x1eb', type: 'options', options: ['c\\x1fd', ''] }, { name: 'e', type: 'text' }] }",
    );
    let found = check(&app, "{ 'a\\x1eb': 'c\\x1fd', e: '\\x1ef\\x1f5' }", ApiVersion::V1);
    assert_eq!(findings(&found, "errors"), json!([]));
    let found = check(&app, "{ 'a\\x1eb': '\\x1fnumber', e: '' }", ApiVersion::V1);
    assert_eq!(findings(&found, "errors").as_array().unwrap().len(), 1);
}

#[test]
fn inputs_that_no_text_can_hold_are_refused_before_they_are_read() {
    ScriptedHost::installed();
    let inputs = js("{ Style: Array(20_000).fill('x'.repeat(65_536)) }");
    let report = report(held(&app(CARTOONIFY)), held(&inputs), ApiVersion::Api);
    let Err(failure) = report else { panic!("a gigabyte is taken") };
    assert_eq!(text(&shown(&failure), "code"), "INVALID_ARGUMENT");
}

#[test]
fn an_input_that_is_undefined_is_not_given() {
    let found = check(&app(CARTOONIFY), "{ Style: undefined, Nothing: undefined }", ApiVersion::V1);
    assert_eq!(findings(&found, "errors"), json!([["Style", "missing_no_default", null]]));
}

#[test]
fn the_own_members_of_inputs_count_whatever_their_prototype() {
    let table = [
        "{ Style: 'Ghibli' }",
        "Object.assign(Object.create(null), { Style: 'Ghibli' })",
        "Object.assign(Object.create({ Inherited: 'x' }), { Style: 'Ghibli' })",
        "new (class { Style = 'Ghibli'; get other() { return 'x'; } })()",
        "Object.freeze({ Style: 'Ghibli', [Symbol('hidden')]: 'x' })",
        "new Proxy({ Style: 'Ghibli' }, {})",
        "new Map([['Style', 'Ghibli']])",
        "new URLSearchParams({ Style: 'Ghibli' })",
    ];
    for inputs in table {
        let expected = json!({ "valid": true, "errors": [], "warnings": [] });
        assert_eq!(check(&app(CARTOONIFY), inputs, ApiVersion::Api), expected, "{inputs}");
    }
    let odd = js("{ parameters: [{ name: '__proto__', type: 'options', options: ['a'] }] }");
    let found = check(&odd, "JSON.parse('{\"__proto__\": \"b\"}')", ApiVersion::Api);
    assert_eq!(findings(&found, "errors"), json!([["__proto__", "invalid_option", "a"]]));
}

#[test]
fn inputs_that_are_no_object_or_throw_are_an_invalid_argument() {
    ScriptedHost::installed();
    let table = [
        "null",
        "5",
        "'Style'",
        "true",
        "['Ghibli']",
        "() => {}",
        "{ get Style() { throw new Error('no'); } }",
        "{ Style: { toJSON() { throw new Error('no'); } } }",
        "new Proxy({}, { ownKeys() { throw new Error('no'); } })",
        "(({ proxy, revoke }) => (revoke(), proxy))(Proxy.revocable({}, {}))",
        "{ Style: (({ proxy, revoke }) => (revoke(), proxy))(Proxy.revocable([], {})) }",
    ];
    for inputs in table {
        let report = report(held(&app(CARTOONIFY)), held(&js(inputs)), ApiVersion::Api);
        let Err(failure) = report else { panic!("{inputs} is taken") };
        let error = shown(&failure);
        assert_eq!(text(&error, "code"), "INVALID_ARGUMENT", "{inputs}");
        assert!(text(&error, "message").starts_with("`inputs` must be an object"));
    }
}

#[test]
fn what_is_no_app_is_an_invalid_argument() {
    ScriptedHost::installed();
    let table = [
        "undefined",
        "null",
        "'app'",
        "{}",
        "{ parameters: null }",
        "{ parameters: {} }",
        "{ parameters: ['Style'] }",
        "{ get parameters() { throw new Error('no'); } }",
        "new Proxy({}, { get() { throw new Error('no'); } })",
    ];
    for app in table {
        let report = report(held(&js(app)), held(&js("{}")), ApiVersion::Api);
        let Err(failure) = report else { panic!("{app} is taken") };
        assert_eq!(text(&shown(&failure), "code"), "INVALID_ARGUMENT", "{app}");
    }
}

#[test]
fn an_app_of_odd_parameters_lets_their_values_pass() {
    let app = js("{ parameters: [{}, { name: 5, type: 'text' }, { name: 'later', type: 'colour' }, { name: 'open', type: 'options' }, \
                  { name: 'odd', type: 'options', options: [5, null, 'a'] }, { get name() { throw 1; }, get options() { throw 1; } }] }");
    let found = check(&app, "{ later: 5, open: 'anything', odd: 'a' }", ApiVersion::Api);
    assert_eq!(findings(&found, "errors"), json!([]));
}

#[test]
fn bad_inputs_are_refused_with_all_that_is_wrong_in_the_details() {
    ScriptedHost::installed();
    assert!(refuse_bad(held(&app(CARTOONIFY)), held(&js("{ Style: 'Ghibli' }")), ApiVersion::V1).is_ok());
    let inputs = js("{ Style: 'x', Upload: 'y', 'Aspect Ratio': '1:2' }");
    let error = shown(&refuse_bad(held(&app(CARTOONIFY)), held(&inputs), ApiVersion::Api).unwrap_err());
    assert_eq!((text(&error, "code").as_str(), get(&error, "retryable")), ("INVALID_INPUTS", false.into()));
    let details = json(&get(&error, "details"));
    assert_eq!(details.as_array().unwrap().len(), 3);
    assert_eq!(text(&error, "message"), format!("Invalid inputs: {}", details[0]["message"].as_str().unwrap()));
}
