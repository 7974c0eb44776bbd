use super::flat_app::*;
use super::{InputCode, Strictness};

fn parameter(name: &str, kind: Kind, options: &[&str]) -> Parameter {
    Parameter {
        name: name.into(),
        key: None,
        id: None,
        kind,
        options: options.iter().map(|label| String::from(*label)).collect(),
        has_default: true,
        multiple: false,
    }
}

fn location() -> Parameter {
    parameter("Location", Kind::Options, &["Studio", "Urban", "Park"])
}

fn text(value: &str) -> InputValue {
    InputValue::Text(value.into())
}

fn input(name: &str, value: InputValue) -> (String, InputValue) {
    (name.into(), value)
}

/// The only error of one value.
fn only_error(parameter: &Parameter, value: InputValue) -> InputError {
    let report = validate(std::slice::from_ref(parameter), &[input(&parameter.name, value)], Strictness::Api);
    assert!(!report.valid());
    assert_eq!((report.errors.len(), report.warnings.len()), (1, 0), "{report:?}");
    report.errors.into_iter().next().expect("just counted")
}

fn is_good(parameter: &Parameter, value: InputValue) -> bool {
    let report = validate(std::slice::from_ref(parameter), &[input(&parameter.name, value)], Strictness::Api);
    report == Report::default()
}

#[test]
fn an_invalid_option_reads_as_the_server_writes_it() {
    let error = only_error(&location(), text("Mars"));
    assert_eq!(error.parameter, "Location");
    assert_eq!(error.code, InputCode::InvalidOption);
    assert_eq!(error.message, r#""Location": invalid option "Mars". Must be one of: Studio, Urban, Park"#);
    assert_eq!(error.suggestion.as_deref(), Some("Park"));
}

#[test]
fn labels_are_neither_trimmed_nor_re_cased() {
    let style = parameter("Model  Ethnicity", Kind::Options, &["Standard ", "Straight "]);
    assert!(is_good(&style, text("Standard ")));
    for wrong in ["Standard", "standard ", " Standard ", ""] {
        let error = only_error(&style, text(wrong));
        assert_eq!(error.code, InputCode::InvalidOption, "{wrong}");
        assert_eq!(error.suggestion.as_deref(), Some("Standard "), "{wrong}");
    }
}

#[test]
fn an_app_without_labels_leaves_the_choice_to_the_server() {
    assert!(is_good(&parameter("Style", Kind::Options, &[]), text("anything")));
}

#[test]
fn only_strings_are_taken() {
    let others = [
        (InputValue::Number, r#""P": must be a string, not a number."#),
        (InputValue::Boolean, r#""P": must be a string, not a boolean."#),
        (InputValue::Null, r#""P": must be a string, not null. Leave it out to use the default."#),
        (InputValue::List(Vec::new()), r#""P": must be a string, not a list. It takes one value only."#),
        (InputValue::List(vec![text("A")]), r#""P": must be a string, not a list. It takes one value only."#),
        (InputValue::Other, r#""P": must be a string, not an object."#),
    ];
    for kind in [Kind::Text, Kind::Options, Kind::Url] {
        for (value, message) in &others {
            let error = only_error(&parameter("P", kind, &["A"]), value.clone());
            assert_eq!((error.code, error.message.as_str()), (InputCode::InvalidType, *message), "{kind:?}");
            assert_eq!(error.suggestion, None);
        }
    }
}

#[test]
fn the_text_of_a_text_is_never_looked_at() {
    for value in ["", " ", "\u{0}", "http:", &"long ".repeat(100_000)] {
        assert!(is_good(&parameter("Prompt", Kind::Text, &["A"]), text(value)));
    }
}

#[test]
fn unknown_types_take_everything() {
    for value in [InputValue::Number, InputValue::Null, InputValue::Other, InputValue::List(vec![InputValue::Boolean])]
    {
        assert!(is_good(&parameter("P", Kind::Unknown, &["A"]), value.clone()), "{value:?}");
    }
}

#[test]
fn a_url_has_to_be_one() {
    let image = parameter("Image", Kind::Url, &[]);
    assert!(is_good(&image, text("https://cdn.example/a.png")));
    let error = only_error(&image, text("./a.png"));
    assert_eq!(error.code, InputCode::InvalidUrl);
    assert_eq!(
        error.message,
        r#""Image": "./a.png" is not a URL. Pass one that starts with https:// or http:// and holds no spaces."#
    );
    assert_eq!(error.suggestion, None);
}

#[test]
fn a_list_is_checked_item_by_item_where_lists_are_taken() {
    let places = Parameter { multiple: true, ..location() };
    assert!(is_good(&places, text("Park")));
    assert!(is_good(&places, InputValue::List(Vec::new())));
    assert!(is_good(&places, InputValue::List(vec![text("Park"), text("Park"), text("Urban")])));

    let mixed = vec![text("Mars"), text("Park"), InputValue::Null, InputValue::List(Vec::new()), text("urban")];
    let report = validate(&[places], &[input("Location", InputValue::List(mixed))], Strictness::Api);
    let found: Vec<_> = report.errors.iter().map(|error| (error.code, error.message.as_str())).collect();
    assert_eq!(
        found,
        [
            (InputCode::InvalidOption, r#""Location": invalid option "Mars". Must be one of: Studio, Urban, Park"#),
            (
                InputCode::InvalidType,
                r#""Location": must be a string or a list of strings, not null. Leave it out to use the default."#
            ),
            (InputCode::InvalidType, r#""Location": must be a string or a list of strings, not a list."#),
            (InputCode::InvalidOption, r#""Location": invalid option "urban". Must be one of: Studio, Urban, Park"#),
        ]
    );
}

#[test]
fn a_long_list_of_wrong_items_is_cut() {
    let places = Parameter { multiple: true, ..location() };
    let many = InputValue::List(vec![text("Mars"); 100_000]);
    let report = validate(&[places], &[input("Location", many)], Strictness::Api);
    assert_eq!(report.errors.len(), 10);
}

#[test]
fn long_names_and_values_are_cut_between_characters() {
    let long = "ü".repeat(1_000);
    let shown = ["ü".repeat(100).as_str(), "…"].concat();
    let image = parameter(&long, Kind::Url, &[]);
    let error = only_error(&image, text(&long));
    assert!(error.message.starts_with(&["\"", &shown, "\": \"", &shown, "\" is not"].concat()), "{}", error.message);
    assert_eq!(error.parameter, long);

    let report = validate(&[location()], &[input(&long, text(""))], Strictness::V1);
    assert_eq!(report.errors[0].message, ["Unknown input \"", &shown, "\". Did you mean \"Location\"?"].concat());
}

#[test]
fn an_unknown_name_is_an_error_in_v1_and_a_warning_before() {
    let app = [location(), parameter("Model  Ethnicity", Kind::Text, &[])];
    for (name, nearest) in
        [("location", "Location"), ("Model Ethnicity", "Model  Ethnicity"), (" Location", "Location")]
    {
        let expected = InputError {
            parameter: name.into(),
            code: InputCode::UnknownParameter,
            message: ["Unknown input \"", name, "\". Did you mean \"", nearest, "\"?"].concat(),
            suggestion: Some(nearest.into()),
        };
        let api = validate(&app, &[input(name, InputValue::Number)], Strictness::Api);
        assert_eq!(api, Report { errors: Vec::new(), warnings: vec![expected.clone()] });
        assert!(api.valid());
        let v1 = validate(&app, &[input(name, InputValue::Number)], Strictness::V1);
        assert_eq!(v1, Report { errors: vec![expected], warnings: Vec::new() });
        assert!(!v1.valid());
    }
}

#[test]
fn an_app_without_parameters_has_nothing_to_suggest() {
    let report = validate(&[], &[input("A", text(""))], Strictness::V1);
    assert_eq!(report.errors[0].message, r#"Unknown input "A". This app takes no inputs."#);
    assert_eq!(report.errors[0].suggestion, None);
}

#[test]
fn a_missing_value_is_an_error_in_v1_and_a_warning_before() {
    let style = Parameter { has_default: false, ..parameter("Style", Kind::Text, &[]) };
    let missing = InputError {
        parameter: "Style".into(),
        code: InputCode::MissingNoDefault,
        message: r#""Style" has no default. Pass a value for it."#.into(),
        suggestion: None,
    };
    let app = [location(), style];
    let api = validate(&app, &[], Strictness::Api);
    assert_eq!(api, Report { errors: Vec::new(), warnings: vec![missing.clone()] });
    let v1 = validate(&app, &[], Strictness::V1);
    assert_eq!(v1, Report { errors: vec![missing], warnings: Vec::new() });
    assert!(validate(&app, &[input("Style", text(""))], Strictness::V1).valid());
    // A value of the wrong type is wrong, not missing.
    let null = validate(&app, &[input("Style", InputValue::Null)], Strictness::V1);
    let codes: Vec<_> = null.errors.iter().map(|error| error.code).collect();
    assert_eq!(codes, [InputCode::InvalidType]);
    assert_eq!(null.errors[0].message, r#""Style": must be a string, not null."#);
}

fn named_thrice() -> Parameter {
    Parameter { key: Some("location".into()), id: Some("n1".into()), has_default: false, ..location() }
}

#[test]
fn v1_takes_key_id_and_name_and_api_only_the_name() {
    let app = [named_thrice()];
    for name in ["location", "n1", "Location"] {
        assert_eq!(validate(&app, &[input(name, text("Park"))], Strictness::V1), Report::default(), "{name}");
        let wrong = validate(&app, &[input(name, text("Mars"))], Strictness::V1);
        assert_eq!(wrong.errors[0].parameter, name);
    }
    assert_eq!(validate(&app, &[input("Location", text("Park"))], Strictness::Api), Report::default());
    for name in ["location", "n1"] {
        let report = validate(&app, &[input(name, text("Mars"))], Strictness::Api);
        let codes: Vec<_> = report.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, [InputCode::UnknownParameter, InputCode::MissingNoDefault], "{name}");
        assert_eq!(report.warnings[0].suggestion.as_deref(), Some("Location"), "{name}");
        assert_eq!(report.warnings[1].parameter, "Location");
    }
    assert_eq!(validate(&app, &[], Strictness::V1).errors[0].parameter, "location");
}

#[test]
fn a_key_goes_before_an_id_and_an_id_before_a_name() {
    let by_name = parameter("x", Kind::Options, &["name"]);
    let by_id = Parameter { id: Some("x".into()), ..parameter("B", Kind::Options, &["id"]) };
    let by_key = Parameter { key: Some("x".into()), ..parameter("C", Kind::Options, &["key"]) };
    let app = [by_name, by_id, by_key];
    let takes = |app: &[Parameter], value, strictness| validate(app, &[input("x", text(value))], strictness).valid();
    assert!(takes(&app, "key", Strictness::V1));
    assert!(takes(&app[..2], "id", Strictness::V1));
    assert!(takes(&app[..1], "name", Strictness::V1));
    assert!(takes(&app, "name", Strictness::Api));
}

#[test]
fn of_two_parameters_with_one_name_the_first_counts() {
    let second = Parameter { has_default: false, ..parameter("Location", Kind::Options, &["Mars"]) };
    for strictness in [Strictness::Api, Strictness::V1] {
        let app = [location(), second.clone()];
        assert_eq!(validate(&app, &[input("Location", text("Park"))], strictness), Report::default());
        assert!(!validate(&app, &[input("Location", text("Mars"))], strictness).valid());
        // Nothing can be given to the second one, so it is not missing.
        assert_eq!(validate(&app, &[], strictness), Report::default());
    }
    let keyed = [location(), Parameter { key: Some("place".into()), ..second }];
    assert_eq!(validate(&keyed, &[], Strictness::V1).errors[0].parameter, "place");
}

#[test]
fn the_inputs_come_first_in_their_order_and_then_what_is_missing() {
    let needed = |name| Parameter { has_default: false, ..parameter(name, Kind::Text, &[]) };
    let app = [needed("M1"), location(), needed("M2"), parameter("T", Kind::Text, &[])];
    let inputs = [input("T", InputValue::Number), input("Zed", text("")), input("Location", text("Mars"))];
    let report = validate(&app, &inputs, Strictness::V1);
    let order: Vec<_> = report.errors.iter().map(|error| error.parameter.as_str()).collect();
    assert_eq!(order, ["T", "Zed", "Location", "M1", "M2"]);
}

#[test]
fn the_codes() {
    let codes = InputCode::ALL.map(InputCode::as_str);
    assert_eq!(codes, ["invalid_option", "invalid_type", "invalid_url", "unknown_parameter", "missing_no_default"]);
}
