//! Apps and inputs as values of Rust, for the tests of their check: flattened as the host does it, and what is told, collected.

use lamina_wasm::core::validate::{self, InputCode, Strictness, FIELD, RECORD};

/// A value of the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputValue {
    Text(String),
    Number,
    Boolean,
    Null,
    List(Vec<InputValue>),
    Other,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Options,
    Url,
    /// One that a later version of the API may add.
    Unknown,
}

/// One parameter of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub key: Option<String>,
    pub id: Option<String>,
    pub kind: Kind,
    pub options: Vec<String>,
    pub has_default: bool,
    pub multiple: bool,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError {
    pub parameter: String,
    pub code: InputCode,
    pub message: String,
    pub suggestion: Option<String>,
}

/// All that was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What the server would refuse.
    pub errors: Vec<InputError>,
    /// What it may let pass.
    pub warnings: Vec<InputError>,
}

impl Report {
    /// Whether the inputs may be sent.
    pub fn valid(&self) -> bool {
        self.errors.is_empty()
    }
}

/// `text` as the host gives it: the marks within it are another control character.
pub fn without_marks(text: &str) -> String {
    text.replace([char::from(RECORD), char::from(FIELD)], "\u{1d}")
}

fn flat(rows: impl Iterator<Item = Vec<String>>) -> String {
    let fields = |row: Vec<String>| {
        row.iter().map(|field| without_marks(field)).collect::<Vec<_>>().join(&char::from(FIELD).to_string())
    };
    rows.map(fields).collect::<Vec<_>>().join(&char::from(RECORD).to_string())
}

fn parameter(one: &Parameter) -> Vec<String> {
    let kind = match one.kind {
        Kind::Text => "text",
        Kind::Options => "options",
        Kind::Url => "url",
        Kind::Unknown => "colour",
    };
    let yes = |is: bool| if is { "yes" } else { "" };
    let [key, id] = [&one.key, &one.id].map(|name| name.as_deref().unwrap_or_default());
    let head = [key, id, &one.name, kind, yes(one.has_default), yes(one.multiple)];
    head.into_iter().chain(one.options.iter().map(String::as_str)).map(String::from).collect()
}

fn kind(value: &InputValue) -> String {
    match value {
        InputValue::Text(text) => ["\"", text].concat(),
        InputValue::Number => "number".into(),
        InputValue::Boolean => "boolean".into(),
        InputValue::Null => "null".into(),
        InputValue::List(_) => "list".into(),
        InputValue::Other => "object".into(),
    }
}

fn input((name, value): &(String, InputValue)) -> Vec<String> {
    let items: &[InputValue] = if let InputValue::List(items) = value { items } else { &[] };
    [name.clone(), kind(value)].into_iter().chain(items.iter().map(kind)).collect()
}

/// What the check tells of `inputs` (names and values).
pub fn validate(parameters: &[Parameter], inputs: &[(String, InputValue)], strictness: Strictness) -> Report {
    let app = flat(parameters.iter().map(parameter));
    let inputs = flat(inputs.iter().map(input));
    let mut report = Report::default();
    validate::validate(&app, &inputs, strictness, &mut |found| {
        let list = if found.is_error { &mut report.errors } else { &mut report.warnings };
        list.push(InputError {
            parameter: found.parameter.into(),
            code: found.code,
            message: found.message.into(),
            suggestion: found.suggestion.map(String::from),
        });
    });
    report
}
