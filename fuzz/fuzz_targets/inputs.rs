//! Inputs against an app, both from a text as `src/app.rs` reads it.

#![no_main]

use lamina_fuzz::app::{read, Case};
use lamina_fuzz::flat_app::{validate, InputError, InputValue, Kind, Parameter};
use lamina_wasm::core::validate::{InputCode, Strictness};
use libfuzzer_sys::fuzz_target;

/// The parameter that an input of this name is for.
fn find<'a>(case: &'a Case, name: &str) -> Option<&'a Parameter> {
    let mut ways: Vec<fn(&Parameter) -> Option<&str>> = vec![|one| Some(&one.name)];
    if case.strictness == Strictness::V1 {
        ways.splice(0..0, [(|one| one.key.as_deref()) as fn(&Parameter) -> Option<&str>, |one| one.id.as_deref()]);
    }
    ways.into_iter().find_map(|way| case.parameters.iter().find(|one| way(one) == Some(name)))
}

/// Whether the server is documented to take the value.
fn is_good(parameter: &Parameter, value: &InputValue) -> bool {
    match (parameter.kind, value) {
        (Kind::Unknown, _) => true,
        (_, InputValue::List(items)) if parameter.multiple => {
            items.iter().all(|item| !matches!(item, InputValue::List(_)) && is_good(parameter, item))
        }
        (Kind::Text, InputValue::Text(_)) => true,
        (Kind::Options, InputValue::Text(text)) => parameter.options.is_empty() || parameter.options.contains(text),
        (Kind::Url, InputValue::Text(text)) => {
            let lower = text.to_ascii_lowercase();
            lower.starts_with("http://") || lower.starts_with("https://")
        }
        _ => false,
    }
}

fn check(case: &Case, error: &InputError) {
    let given = case.inputs.iter().filter(|(name, _)| *name == error.parameter);
    let given: Vec<_> = given.map(|(_, value)| value).collect();
    let parameter = find(case, &error.parameter);
    let suggested = error.suggestion.as_deref();
    assert!(!error.message.is_empty());
    match error.code {
        InputCode::UnknownParameter => {
            assert!(parameter.is_none() && !given.is_empty());
            let is_taken = suggested.is_some_and(|name| find(case, name).is_some());
            assert!(is_taken || case.parameters.is_empty(), "the name that is suggested is one");
        }
        InputCode::MissingNoDefault => {
            assert!(given.is_empty() && suggested.is_none());
            assert!(parameter.is_some_and(|one| !one.has_default));
        }
        InputCode::InvalidOption => {
            let parameter = parameter.expect("known");
            assert!(parameter.options.iter().any(|label| Some(label.as_str()) == suggested));
            assert!(given.iter().any(|value| !is_good(parameter, value)));
        }
        InputCode::InvalidType => {
            assert!(suggested.is_none() && given.iter().any(|value| !is_good(parameter.expect("known"), value)));
        }
        InputCode::InvalidUrl => assert!(suggested.is_none() && parameter.is_some_and(|one| one.kind == Kind::Url)),
    }
}

fuzz_target!(|text: &str| {
    let case = read(text);
    let report = validate(&case.parameters, &case.inputs, case.strictness);
    report.errors.iter().chain(&report.warnings).for_each(|error| check(&case, error));
    let may_be_doubt =
        |error: &InputError| matches!(error.code, InputCode::UnknownParameter | InputCode::MissingNoDefault);
    match case.strictness {
        Strictness::Api => assert!(report.warnings.iter().all(may_be_doubt) && !report.errors.iter().any(may_be_doubt)),
        Strictness::V1 => assert!(report.warnings.is_empty()),
    }
    for (name, value) in &case.inputs {
        let parameter = find(&case, name);
        let told = report.errors.iter().chain(&report.warnings).any(|error| error.parameter == *name);
        let good = parameter.is_some_and(|one| is_good(one, value));
        assert!(good || told, "{name:?} is wrong, and nobody is told");
        let others_good =
            case.inputs.iter().all(|(other, value)| other != name || parameter.is_some_and(|one| is_good(one, value)));
        let is_url = parameter.is_some_and(|one| one.kind == Kind::Url);
        assert!(!others_good || is_url || !told, "{name:?} is good");
    }
    for parameter in case.parameters.iter().filter(|one| !one.has_default) {
        let given =
            case.inputs.iter().any(|(name, _)| find(&case, name).is_some_and(|one| std::ptr::eq(one, parameter)));
        let leads = |name: &str| find(&case, name).is_some_and(|one| std::ptr::eq(one, parameter));
        let names = [Some(&*parameter.name), parameter.key.as_deref(), parameter.id.as_deref()];
        if !given && names.into_iter().flatten().any(leads) {
            let mut all = report.errors.iter().chain(&report.warnings);
            assert!(all.any(|error| error.code == InputCode::MissingNoDefault && leads(&error.parameter)));
        }
    }
});
