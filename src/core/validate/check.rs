//! One value against one parameter.

use super::nearest::Nearest;
use super::url::is_http_url;
use super::{InputCode, InputError, InputValue, Kind, Parameter};
use crate::core::text::{cut, join};

/// How much of a wrong value is repeated, in characters.
const SHOWN: usize = 100;

/// How many wrong items of one list are told: more say no more, and each costs a search for the nearest label.
const TOLD: usize = 10;

/// What is wrong with `value`, which was given as `name` for `parameter`.
pub fn check(name: &str, parameter: &Parameter, value: &InputValue, errors: &mut Vec<InputError>) {
    let InputValue::List(items) = value else { return errors.extend(check_one(name, parameter, value)) };
    if !parameter.multiple {
        return errors.extend(check_one(name, parameter, value));
    }
    let most = errors.len().saturating_add(TOLD);
    for item in items {
        if errors.len() < most {
            errors.extend(check_one(name, parameter, item));
        }
    }
}

fn check_one(name: &str, parameter: &Parameter, value: &InputValue) -> Option<InputError> {
    if parameter.kind == Kind::Unknown {
        return None;
    }
    let (code, message, suggestion) = match value {
        InputValue::Text(text) => match parameter.kind {
            Kind::Options if !is_option(parameter, text) => {
                let mut options = String::new();
                for option in &parameter.options {
                    options.push_str(if options.is_empty() { "" } else { ", " });
                    options.push_str(option);
                }
                let text_shown = cut(text, SHOWN);
                let message = join(&[": invalid option \"", &text_shown, "\". Must be one of: ", &options]);
                let mut nearest = Nearest::to(text);
                parameter.options.iter().for_each(|option| nearest.offer(option));
                (InputCode::InvalidOption, message, nearest.found())
            }
            Kind::Url if !is_http_url(text) => {
                let advice = "\" is not a URL. Pass one that starts with https:// or http:// and holds no spaces.";
                (InputCode::InvalidUrl, join(&[": \"", &cut(text, SHOWN), advice]), None)
            }
            _ => return None,
        },
        value => {
            let expected = if parameter.multiple { "a string or a list of strings" } else { "a string" };
            let advice = match value {
                InputValue::Null if parameter.has_default => ". Leave it out to use the default.",
                InputValue::List(_) if !parameter.multiple => ". It takes one value only.",
                _ => ".",
            };
            (InputCode::InvalidType, join(&[": must be ", expected, ", not ", kind_of(value), advice]), None)
        }
    };
    let message = join(&[&quoted(name), &message]);
    Some(InputError::new(name, code, message, suggestion))
}

/// An app that lists no labels leaves the choice to the server.
fn is_option(parameter: &Parameter, text: &str) -> bool {
    parameter.options.is_empty() || parameter.options.iter().any(|option| option == text)
}

const fn kind_of(value: &InputValue) -> &'static str {
    match value {
        InputValue::Text(_) => "a string",
        InputValue::Number => "a number",
        InputValue::Boolean => "a boolean",
        InputValue::Null => "null",
        InputValue::List(_) => "a list",
        InputValue::Other => "an object",
    }
}

/// `name` in double quotes, as the server writes it, its end cut off where it is long.
pub fn quoted(name: &str) -> String {
    join(&["\"", &cut(name, SHOWN), "\""])
}
