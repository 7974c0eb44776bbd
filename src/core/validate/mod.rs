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
use nearest::nearest;

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

/// How strict the server is, by the version of its API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// `/api`: inputs are named by `name`; whether unknown and missing ones are refused is not documented.
    Api,
    /// `/v1`: inputs are named by `key`, `id` or `name`; unknown and missing ones are refused.
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
        if let Some(parameter) = app.find(name) {
            given.push(parameter);
            report.errors.extend(check(name, parameter, value));
        } else {
            report.doubt(strictness, app.unknown(name));
        }
    }
    for parameter in parameters {
        if !parameter.has_default && !given.iter().any(|one| std::ptr::eq(*one, parameter)) {
            report.missing(&app, parameter);
        }
    }
    report
}

impl Report {
    /// `required` plays no part: `/v1` sets it on every parameter (documented in the API's inputs page).
    fn missing(&mut self, app: &App, parameter: &Parameter) {
        // A parameter that no name leads to is hidden by another one.
        let Some(name) =
            app.names(parameter).find(|name| app.find(name).is_some_and(|one| std::ptr::eq(one, parameter)))
        else {
            return;
        };
        let message = join(&[&quoted(name), " has no default. Pass a value for it."]);
        let error = InputError { parameter: name.into(), code: InputCode::MissingNoDefault, message, suggestion: None };
        self.doubt(app.strictness, error);
    }
}

/// The parameters, and the names that they go by.
#[derive(Clone, Copy)]
struct App<'a> {
    parameters: &'a [Parameter],
    strictness: Strictness,
}

impl<'a> App<'a> {
    /// The parameter that an input called `name` is for.
    fn find(&self, name: &str) -> Option<&'a Parameter> {
        let named = |by: fn(&Parameter) -> Option<&str>| self.parameters.iter().find(|one| by(one) == Some(name));
        let by_name = || named(|one| Some(&one.name));
        match self.strictness {
            Strictness::Api => by_name(),
            Strictness::V1 => {
                named(|one| one.key.as_deref()).or_else(|| named(|one| one.id.as_deref())).or_else(by_name)
            }
        }
    }

    /// The names that `parameter` goes by, the one to use first.
    fn names(&self, parameter: &'a Parameter) -> impl Iterator<Item = &'a str> {
        let v1 = self.strictness == Strictness::V1;
        let key = parameter.key.as_deref().filter(|_| v1);
        let id = parameter.id.as_deref().filter(|_| v1);
        key.into_iter().chain([parameter.name.as_str()]).chain(id)
    }

    fn unknown(&self, name: &str) -> InputError {
        // `/api` takes names only: whoever used a key or an id knew which parameter was meant.
        let known = Self { strictness: Strictness::V1, ..*self }.find(name).map(|one| one.name.as_str());
        let keys =
            self.parameters.iter().filter_map(|one| one.key.as_deref().filter(|_| self.strictness == Strictness::V1));
        let mut names = self.parameters.iter().map(|one| one.name.as_str()).chain(keys);
        let suggestion = known.or_else(|| nearest(name, &mut names));
        let advice = match suggestion {
            Some(suggestion) => join(&[". Did you mean \"", suggestion, "\"?"]),
            None => ". This app takes no inputs.".into(),
        };
        InputError {
            parameter: name.into(),
            code: InputCode::UnknownParameter,
            message: join(&["Unknown input ", &quoted(name), &advice]),
            suggestion: suggestion.map(String::from),
        }
    }
}
