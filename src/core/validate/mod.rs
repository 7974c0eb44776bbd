//! Checks inputs against an app's parameters before they are sent.
//!
//! It refuses what the server is documented to refuse and nothing else: what passes here may still be refused there.
//! Names and labels are compared exactly as they are, because real ones hold double and trailing spaces.

mod check;
mod nearest;
#[cfg(test)]
mod tests;
mod url;

use crate::core::text::join;
use check::{check, quoted};
use nearest::Nearest;

/// A value of the inputs, as far as the check looks into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputValue {
    /// A string. It may be left empty for a parameter of type `text`, whose value is never looked at.
    Text(String),
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Null, which is given, unlike a member that is left out.
    Null,
    /// An array.
    List(Vec<InputValue>),
    /// Whatever else, objects first of all.
    Other,
}

/// The type of a parameter (documented in the API's inputs page).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `text`: a string.
    Text,
    /// `options`: one of the parameter's labels.
    Options,
    /// `url`: a public URL.
    Url,
    /// A type that a later version of the API may add; its values are not checked.
    Unknown,
}

/// One parameter of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What the app's author called it, and what inputs are named by.
    pub name: String,
    /// A name in snake case, which the author may set in `/v1`.
    pub key: Option<String>,
    /// The id within the app.
    pub id: Option<String>,
    /// The type.
    pub kind: Kind,
    /// The labels to choose from, for [`Kind::Options`].
    pub options: Vec<String>,
    /// Whether there is a default; an empty one is one too, null is none.
    pub has_default: bool,
    /// Whether a list is taken as well as a single value.
    pub multiple: bool,
}

impl Parameter {
    /// What it goes by: 0 is its key, 1 its id, 2 its name.
    fn name_of(&self, kind: u32) -> Option<&str> {
        match kind {
            0 => self.key.as_deref(),
            1 => self.id.as_deref(),
            _ => Some(&self.name),
        }
    }
}

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

/// One thing that is wrong, in the form that users get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    /// The input's name as it was given; of a missing one, the name to give it by.
    pub parameter: String,
    /// What is wrong.
    pub code: InputCode,
    /// The same for people, with what to do about it.
    pub message: String,
    /// The nearest label, or the nearest name, exactly as the app has it.
    pub suggestion: Option<String>,
}

impl InputError {
    fn new(parameter: &str, code: InputCode, message: String, suggestion: Option<&str>) -> Self {
        Self { parameter: parameter.into(), code, message, suggestion: suggestion.map(String::from) }
    }
}

/// What a check found: first what is wrong with the inputs, in their order, then what is missing, in the app's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What the server would refuse.
    pub errors: Vec<InputError>,
    /// What it may let pass, but hardly as it was meant.
    pub warnings: Vec<InputError>,
}

impl Report {
    /// Whether the inputs may be sent; warnings do not count.
    #[must_use]
    pub fn valid(&self) -> bool {
        self.errors.is_empty()
    }

    fn doubt(&mut self, strictness: Strictness, error: InputError) {
        match strictness {
            Strictness::Api => self.warnings.push(error),
            Strictness::V1 => self.errors.push(error),
        }
    }
}

/// Checks `inputs` (names and values) against `parameters`. Of parameters with the same name the first one counts.
#[must_use]
pub fn validate(parameters: &[Parameter], inputs: &[(String, InputValue)], strictness: Strictness) -> Report {
    let app = App { parameters, strictness };
    let mut report = Report::default();
    let mut given = Vec::new();
    for (name, value) in inputs {
        if let Some((place, parameter)) = app.find(name, strictness) {
            given.push(place);
            check(name, parameter, value, &mut report.errors);
        } else {
            report.doubt(strictness, app.unknown(name));
        }
    }
    for (place, parameter) in parameters.iter().enumerate() {
        if !parameter.has_default && !given.contains(&place) {
            if let Some(error) = app.missing(place, parameter) {
                report.doubt(strictness, error);
            }
        }
    }
    report
}

/// The parameters, and the names that they go by.
struct App<'a> {
    parameters: &'a [Parameter],
    strictness: Strictness,
}

impl<'a> App<'a> {
    /// The parameter that an input called `name` is for, and its place.
    fn find(&self, name: &str, strictness: Strictness) -> Option<(usize, &'a Parameter)> {
        let kinds = if strictness == Strictness::V1 { 0..3 } else { 2..3 };
        for kind in kinds {
            for (place, parameter) in self.parameters.iter().enumerate() {
                if parameter.name_of(kind) == Some(name) {
                    return Some((place, parameter));
                }
            }
        }
        None
    }

    /// `required` plays no part: `/v1` sets it on every parameter (documented in the API's inputs page).
    fn missing(&self, place: usize, parameter: &Parameter) -> Option<InputError> {
        // Its key, its name or its id, in this order. A parameter that no name leads to is hidden by another one.
        for kind in [0, 2, 1] {
            let Some(name) = parameter.name_of(kind) else { continue };
            if self.find(name, self.strictness).is_some_and(|(found, _)| found == place) {
                let message = join(&[&quoted(name), " has no default. Pass a value for it."]);
                return Some(InputError::new(name, InputCode::MissingNoDefault, message, None));
            }
        }
        None
    }

    fn unknown(&self, name: &str) -> InputError {
        // `/api` takes names only: whoever used a key or an id knew which parameter was meant.
        let suggestion = if let Some((_, known)) = self.find(name, Strictness::V1) {
            Some(known.name.as_str())
        } else {
            let mut nearest = Nearest::to(name);
            for parameter in self.parameters {
                nearest.offer(&parameter.name);
            }
            for parameter in self.parameters {
                if let Some(key) = parameter.key.as_deref().filter(|_| self.strictness == Strictness::V1) {
                    nearest.offer(key);
                }
            }
            nearest.found()
        };
        let advice = match suggestion {
            Some(suggestion) => join(&[". Did you mean \"", suggestion, "\"?"]),
            None => ". This app takes no inputs.".into(),
        };
        let message = join(&["Unknown input ", &quoted(name), &advice]);
        InputError::new(name, InputCode::UnknownParameter, message, suggestion)
    }
}
