//! Checks inputs against an app's parameters before they are sent.
//!
//! It refuses what the server is documented to refuse and nothing else: what passes here may still be refused there.
//! Names and labels are compared exactly as they are, because real ones hold double and trailing spaces.
//!
//! An app and its inputs come as one text each, so that nothing has to be held for each name and label: records with
//! [`RECORD`] between them, of fields with [`FIELD`] between them. The host takes both characters out of what users and servers write.

mod app;
mod check;
#[cfg(test)]
#[path = "../../../tests/support/flat_app.rs"]
mod flat_app;
mod nearest;
#[cfg(test)]
mod tests;
mod url;

use crate::core::text::{cut, join};
use app::App;
use check::check;

/// Stands between two parameters or inputs.
pub const RECORD: u8 = 0x1e;
/// Stands between two fields of one.
pub const FIELD: u8 = 0x1f;

/// How much of a name or a wrong value is repeated, in characters.
const SHOWN: usize = 100;

/// How strict the server is, by the version of its API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Executions: inputs are named by `name`; whether unknown and missing ones are refused is not documented.
    Api,
    /// `/v1/…/runs`: inputs are named by `key`, `id` or `name`; unknown and missing ones are refused.
    V1,
}

/// What is wrong with an input. The names are the server's own, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputCode {
    /// Not one of the labels.
    InvalidOption,
    /// Not a string, or a list where one value is taken.
    InvalidType,
    /// Not an absolute `http:` or `https:` URL.
    InvalidUrl,
    /// The app has no such parameter.
    UnknownParameter,
    /// No value was given, and there is no default.
    MissingNoDefault,
}

impl InputCode {
    /// Every code.
    pub const ALL: [Self; 5] =
        [Self::InvalidOption, Self::InvalidType, Self::InvalidUrl, Self::UnknownParameter, Self::MissingNoDefault];

    /// The code as JavaScript sees it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOption => "invalid_option",
            Self::InvalidType => "invalid_type",
            Self::InvalidUrl => "invalid_url",
            Self::UnknownParameter => "unknown_parameter",
            Self::MissingNoDefault => "missing_no_default",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    /// Whether the server would refuse it; else it may let it pass, but hardly as it was meant.
    pub is_error: bool,
    /// The input's name as it was given; of a missing one, the name to give it by.
    pub parameter: &'a str,
    /// What is wrong.
    pub code: InputCode,
    /// The same for people, with what to do about it.
    pub message: &'a str,
    /// The nearest label, or the nearest name, exactly as the app has it.
    pub suggestion: Option<&'a str>,
}

/// Checks `inputs` against the parameters of `app`, and tells what is wrong: first with the inputs, in their order, then what
/// is missing, in the app's order. Of parameters with the same name the first one counts.
///
/// A parameter's fields are its key and its id (empty where it has none), its name, its type (`text`, `options`, `url`; the
/// values of any other are not checked), whether there is a default (empty where there is none), whether it takes a list
/// as well as a single value (empty where it does not), and its labels. An input's fields are its name and its value: `"` and
/// its text, or its kind (`null`, `list`, or JavaScript's word for its type); behind a list its items, each as such a value.
pub fn validate(app: &str, inputs: &str, strictness: Strictness, sink: &mut impl FnMut(&Finding)) {
    let app = App::read(app, strictness);
    for input in Parts::of(inputs, RECORD) {
        let mut fields = Parts::of(input, FIELD);
        let name = fields.next().unwrap_or_default();
        if let Some(parameter) = app.find(name, strictness) {
            parameter.given.set(true);
            check(name, parameter, fields, sink);
        } else {
            app.tell_unknown(name, sink);
        }
    }
    for parameter in &app.parameters {
        if !parameter.has_default && !parameter.given.get() {
            app.tell_missing(parameter, sink);
        }
    }
}

/// The parts of a text, with a mark between two of them; an empty text has none.
#[derive(Clone, Copy, Debug)]
struct Parts<'a> {
    rest: Option<&'a str>,
    mark: u8,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str, mark: u8) -> Self {
        Self { rest: Some(text).filter(|text| !text.is_empty()), mark }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest?;
        let Some(at) = text.bytes().position(|byte| byte == self.mark) else { return self.rest.take() };
        self.rest = text.get(at.saturating_add(1)..);
        text.get(..at)
    }
}

/// Tells of one thing: the message begins with `lead` and the name in double quotes, as the server writes it, its end cut off
/// where it is long.
fn tell(
    sink: &mut impl FnMut(&Finding),
    is_error: bool,
    code: InputCode,
    lead: &str,
    name: &str,
    rest: &[&str],
    suggestion: Option<&str>,
) {
    let (shown, dots) = cut(name, SHOWN);
    let message = join(&[lead, "\"", shown, dots, "\"", &join(rest)]);
    sink(&Finding { is_error, parameter: name, code, message: &message, suggestion });
}
