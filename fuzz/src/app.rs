//! An app and inputs as a text: the API's version, then a line for each parameter and input, its members between tabs.
//!
//! ```text
//! v1
//! o d    Location    location    front-image    Studio    Urban
//! = t    Location    Park
//! ```
//!
//! A parameter starts with its type (`t`ext, `o`ptions, `u`rl or another), then `d` where it has a default and `m` where it takes
//! a list; its name, key, id and labels follow. An input starts with `=` and its kind (`t`ext, `l`ist of texts, `n`umber,
//! `b`oolean, `0` for null or another); its name and texts follow.

use crate::flat_app::{without_marks, InputValue, Kind, Parameter};
use lamina_wasm::core::validate::Strictness;

/// What is checked against what.
#[derive(Debug)]
pub struct Case {
    pub strictness: Strictness,
    pub parameters: Vec<Parameter>,
    pub inputs: Vec<(String, InputValue)>,
}

/// Reads any text.
pub fn read(text: &str) -> Case {
    let text = without_marks(text);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let strictness = if first == "v1" { Strictness::V1 } else { Strictness::Api };
    let (inputs, parameters): (Vec<&str>, Vec<&str>) = rest.split('\n').partition(|line| line.starts_with('='));
    Case {
        strictness,
        parameters: parameters.into_iter().map(parameter).collect(),
        inputs: inputs.into_iter().map(input).collect(),
    }
}

fn parameter(line: &str) -> Parameter {
    let mut members = line.split('\t');
    let signs = members.next().unwrap_or_default();
    let name = members.next().unwrap_or_default().into();
    let mut optional = || members.next().filter(|member| !member.is_empty()).map(String::from);
    let (key, id) = (optional(), optional());
    Parameter {
        name,
        key,
        id,
        kind: match signs.chars().next() {
            Some('t') => Kind::Text,
            Some('o') => Kind::Options,
            Some('u') => Kind::Url,
            _ => Kind::Unknown,
        },
        options: members.map(String::from).collect(),
        has_default: signs.contains('d'),
        multiple: signs.contains('m'),
    }
}

fn input(line: &str) -> (String, InputValue) {
    let mut members = line.split('\t');
    let kind = members.next().unwrap_or_default();
    let name = members.next().unwrap_or_default().into();
    let value = match kind.trim_start_matches('=').trim_start().chars().next() {
        Some('t') => InputValue::Text(members.next().unwrap_or_default().into()),
        Some('l') => InputValue::List(members.map(|text| InputValue::Text(text.into())).collect()),
        Some('m') => InputValue::List(members.map(|_| InputValue::List(vec![InputValue::Null])).collect()),
        Some('n') => InputValue::Number,
        Some('b') => InputValue::Boolean,
        Some('0') => InputValue::Null,
        _ => InputValue::Other,
    };
    (name, value)
}
