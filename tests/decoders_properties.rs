//! What the small parsers and the check of inputs keep to, whatever they are given.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use flat_app::{validate, InputValue, Kind, Parameter, Report};
use lamina_wasm::core::retry_after::{parse_count, parse_reset, parse_retry_after, Dates};
use lamina_wasm::core::validate::{InputCode, Strictness};
use proptest::collection::{hash_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

#[path = "support/flat_app.rs"]
mod flat_app;

/// Any text, and texts that almost are what the parsers look for.
fn almost() -> impl Strategy<Value = String> {
    let good = (any::<u64>(), 0..3_usize).prop_map(|(number, form)| match form {
        0 => number.to_string(),
        1 => (number >> 32).to_string(),
        _ => (number as f64 / 1e12).to_string(),
    });
    let broken = (good.clone(), any::<prop::sample::Index>(), any::<char>(), any::<bool>()).prop_map(
        |(text, place, letter, replace)| {
            let mut letters: Vec<char> = text.chars().collect();
            let place = place.index(letters.len());
            if replace {
                letters[place] = letter;
            } else {
                letters.insert(place, letter);
            }
            letters.into_iter().collect()
        },
    );
    prop_oneof![any::<String>(), good, broken, "[-+.,;:0-9 TZ]{0,40}"]
}

proptest! {
    #[test]
    fn parsers_never_panic_and_give_sane_numbers(text in almost(), header in any::<f64>(), now in any::<f64>()) {
        let dates = || Dates { header, now };
        let retry = parse_retry_after(&text, dates);
        let reset = parse_reset(&text, dates);
        for pause in [retry, reset].into_iter().flatten() {
            prop_assert!(pause.get() >= 0.0, "{pause:?}");
        }
        prop_assert_eq!(retry.is_some(), reset.is_some());
        let _ = parse_count(&text);
    }

    #[test]
    fn seconds_are_read_as_the_standard_library_reads_them(whole in 0..1_000_000_000_u64, fraction in "[0-9]{1,6}") {
        let dates = || Dates { header: f64::NAN, now: 0.0 };
        let pause = |header: String| parse_retry_after(&header, dates).map(|pause| pause.get());
        prop_assert_eq!(pause(whole.to_string()), Some(whole as f64 * 1_000.0));
        let text = format!("{whole}.{fraction}");
        let expected = text.parse::<f64>().unwrap() * 1_000.0;
        let found = pause(text).unwrap();
        prop_assert!((found - expected).abs() <= expected * 1e-15, "{found} {expected}");
    }

    #[test]
    fn a_date_is_waited_for_from_the_moment_of_the_reply(now in -1e12..1e12, pause in 0..1_000_000_u32) {
        let pause = f64::from(pause);
        let dates = || Dates { header: now + pause, now };
        let found = parse_retry_after("a date", dates);
        prop_assert!((found.unwrap_or_default().get() - pause).abs() < 1e-3);
        prop_assert_eq!(parse_reset("a date", dates), found);
    }

    #[test]
    fn counts_are_read_with_what_may_follow(count in any::<u32>(), rest in "|[ ]?;w=60|, 100;w=60") {
        prop_assert_eq!(parse_count(&format!("{count}{rest}")), Some(count));
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![select(vec!["a", "A", " a", "b", "Model  Age", ""]).prop_map(String::from), any::<String>()]
}

fn kind() -> impl Strategy<Value = Kind> {
    select(vec![Kind::Text, Kind::Options, Kind::Url, Kind::Unknown])
}

prop_compose! {
    fn parameter()(
        name in name(),
        key in option::of(name()),
        id in option::of(name()),
        kind in kind(),
        options in vec(any::<String>(), 0..6),
        has_default in any::<bool>(),
        multiple in any::<bool>(),
    ) -> Parameter {
        Parameter { name, key, id, kind, options, has_default, multiple }
    }
}

fn value() -> impl Strategy<Value = InputValue> {
    let leaf = prop_oneof![
        any::<String>().prop_map(InputValue::Text),
        Just(InputValue::Number),
        Just(InputValue::Boolean),
        Just(InputValue::Null),
        Just(InputValue::Other),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| vec(inner, 0..4).prop_map(InputValue::List))
}

fn strictness() -> impl Strategy<Value = Strictness> {
    select(vec![Strictness::Api, Strictness::V1])
}

/// Parameters with different names, each with a value that the server is documented to take.
fn good_app() -> impl Strategy<Value = (Vec<Parameter>, Vec<(String, InputValue)>)> {
    let good = (parameter(), any::<prop::sample::Index>(), any::<u16>()).prop_map(|(mut parameter, index, port)| {
        parameter.options.push("one at least".into());
        let text = match parameter.kind {
            Kind::Options => parameter.options[index.index(parameter.options.len())].clone(),
            Kind::Url => format!("https://a{port}.example:{port}/{port}?{port}"),
            Kind::Text | Kind::Unknown => String::new(),
        };
        let text = InputValue::Text(text);
        let value = if parameter.multiple && port % 2 == 0 { InputValue::List(vec![text; 3]) } else { text };
        (parameter, value)
    });
    (hash_set(any::<String>(), 0..6), vec(good, 6)).prop_map(|(names, pairs)| {
        let named = names.into_iter().zip(pairs);
        named
            .map(|(name, (parameter, value))| {
                // No keys and ids: in `/v1` they go before names, and one could be another parameter's name.
                let parameter = Parameter { name: name.clone(), key: None, id: None, ..parameter };
                (parameter, (name, value))
            })
            .unzip()
    })
}

/// A parameter called "P" with these labels.
fn choice(options: Vec<String>) -> Parameter {
    Parameter {
        name: "P".into(),
        key: None,
        id: None,
        kind: Kind::Options,
        options,
        has_default: true,
        multiple: false,
    }
}

proptest! {
    #[test]
    fn any_inputs_are_checked_without_a_panic(
        parameters in vec(parameter(), 0..6),
        inputs in vec((name(), value()), 0..6),
        strictness in strictness(),
    ) {
        let report = validate(&parameters, &inputs, strictness);
        prop_assert_eq!(report.valid(), report.errors.is_empty());
        let may_depend = |code| matches!(code, InputCode::UnknownParameter | InputCode::MissingNoDefault);
        prop_assert!(report.warnings.iter().all(|warning| strictness == Strictness::Api && may_depend(warning.code)));
        prop_assert!(report.errors.iter().all(|error| strictness == Strictness::V1 || !may_depend(error.code)));
        for error in report.errors.iter().chain(&report.warnings) {
            let suggestion = error.suggestion.as_deref();
            let is_given = inputs.iter().any(|(name, _)| *name == error.parameter);
            match error.code {
                InputCode::InvalidOption => {
                    let suggested = suggestion.expect("there is a nearest label");
                    prop_assert!(parameters.iter().any(|one| one.options.iter().any(|label| label == suggested)));
                    prop_assert!(is_given);
                }
                InputCode::UnknownParameter => {
                    let names = |one: &Parameter| Some(&*one.name) == suggestion || one.key.as_deref() == suggestion;
                    prop_assert!(parameters.is_empty() || parameters.iter().any(names));
                    prop_assert!(is_given);
                }
                InputCode::InvalidType | InputCode::InvalidUrl => prop_assert!(is_given && suggestion.is_none()),
                InputCode::MissingNoDefault => prop_assert!(!is_given && suggestion.is_none()),
            }
        }
    }

    #[test]
    fn good_inputs_pass((parameters, inputs) in good_app(), strictness in strictness()) {
        prop_assert_eq!(validate(&parameters, &inputs, strictness), Report::default());
    }

    #[test]
    fn what_is_suggested_passes(
        labels in vec(any::<String>(), 1..6),
        wrong in any::<String>(),
        strictness in strictness(),
    ) {
        let app = [choice(labels)];
        let check = |text: &str| validate(&app, &[("P".into(), InputValue::Text(text.into()))], strictness);
        if let Some(error) = check(&wrong).errors.first() {
            let suggested = error.suggestion.as_deref().expect("there is a nearest label");
            prop_assert_eq!(check(suggested), Report::default());
        }
    }

    #[test]
    fn a_label_is_found_again_whatever_its_case_and_outer_spaces(
        labels in hash_set("[a-z]{1,12}", 1..8),
        index in any::<prop::sample::Index>(),
    ) {
        let labels: Vec<String> = labels.into_iter().collect();
        let meant = labels[index.index(labels.len())].clone();
        let app = [choice(labels)];
        let given = format!(" {} ", meant.to_uppercase());
        let report = validate(&app, &[("P".into(), InputValue::Text(given))], Strictness::Api);
        prop_assert_eq!(report.errors[0].suggestion.as_deref(), Some(meant.as_str()));
    }
}
