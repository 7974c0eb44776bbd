//! One value against one parameter.

use super::app::Parameter;
use super::nearest::Nearest;
use super::url::is_http_url;
use super::{tell, Finding, InputCode, Parts, FIELD, SHOWN};
use crate::core::text::cut;

/// How many wrong items of one list are told: more say no more, and each costs a search for the nearest label.
const TOLD: u32 = 10;

/// Tells what is wrong with a value, which was given as `name` for `parameter`. A list's items stand behind it.
pub fn check(name: &str, parameter: &Parameter, mut values: Parts, sink: &mut impl FnMut(&Finding)) {
    let value = values.next().unwrap_or_default();
    if !(parameter.multiple && value == "list") {
        values = Parts::of(value, FIELD);
    }
    let mut told = 0_u32;
    for value in values {
        if told < TOLD && !is_good(name, parameter, value, sink) {
            told = told.saturating_add(1);
        }
    }
}

/// Whether a value is good; if not, it is told.
fn is_good(name: &str, parameter: &Parameter, value: &str, sink: &mut impl FnMut(&Finding)) -> bool {
    let is_choice = parameter.kind == "options";
    let is_url = parameter.kind == "url";
    if !is_choice && !is_url && parameter.kind != "text" {
        return true;
    }
    let Some(text) = value.strip_prefix('"') else {
        let article = match value {
            "null" => "",
            "object" => "an ",
            _ => "a ",
        };
        let or_list = if parameter.multiple { " or a list of strings" } else { "" };
        let advice = match value {
            "null" if parameter.has_default => ". Leave it out to use the default.",
            "list" if !parameter.multiple => ". It takes one value only.",
            _ => ".",
        };
        let rest = [": must be a string", or_list, ", not ", article, value, advice];
        tell(sink, true, InputCode::InvalidType, "", name, &rest, None);
        return false;
    };
    let (shown, dots) = cut(text, SHOWN);
    let mut labels = parameter.labels;
    if is_choice && !labels.any(|label| label == text) {
        let mut options = String::new();
        let mut nearest = Nearest::to(text);
        for label in parameter.labels {
            nearest.offer(label);
            options.push_str(if options.is_empty() { "" } else { ", " });
            options.push_str(label);
        }
        let suggestion = nearest.found();
        // An app that lists no labels leaves the choice to the server.
        if suggestion.is_some() {
            let rest = [": invalid option \"", shown, dots, "\". Must be one of: ", &options];
            tell(sink, true, InputCode::InvalidOption, "", name, &rest, suggestion);
        }
        return suggestion.is_none();
    }
    if is_url && !is_http_url(text) {
        let advice = "\" is not a URL. Pass one that starts with https:// or http:// and holds no spaces.";
        tell(sink, true, InputCode::InvalidUrl, "", name, &[": \"", shown, dots, advice], None);
        return false;
    }
    true
}
