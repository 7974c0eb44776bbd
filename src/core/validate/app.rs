//! The parameters of an app, and the names that they go by.

use super::nearest::Nearest;
use super::{tell, Finding, InputCode, Parts, Strictness, FIELD, RECORD};
use std::cell::Cell;

/// One parameter.
#[derive(Debug)]
pub struct Parameter<'a> {
    /// Its key (in `/v1`, its author may set one in snake case), its id within the app and its name, which is what its author
    /// called it.
    names: [&'a str; 3],
    /// The type.
    pub kind: &'a str,
    /// Whether there is a default; an empty one is one too, null is none.
    pub has_default: bool,
    /// Whether a list is taken as well as a single value.
    pub multiple: bool,
    /// The labels to choose from, where it is of the type `options`.
    pub labels: Parts<'a>,
    /// Whether there is an input for it.
    pub given: Cell<bool>,
}

/// The parameters.
#[derive(Debug)]
pub struct App<'a> {
    pub parameters: Vec<Parameter<'a>>,
    strictness: Strictness,
}

impl<'a> App<'a> {
    /// Reads the text of an app.
    pub fn read(app: &'a str, strictness: Strictness) -> Self {
        let mut parameters = Vec::new();
        for parameter in Parts::of(app, RECORD) {
            let mut labels = Parts::of(parameter, FIELD);
            let mut field = || labels.next().unwrap_or_default();
            let names = [field(), field(), field()];
            let kind = field();
            let (has_default, multiple) = (!field().is_empty(), !field().is_empty());
            parameters.push(Parameter { names, kind, has_default, multiple, labels, given: Cell::new(false) });
        }
        Self { parameters, strictness }
    }

    /// The parameter that an input called `name` is for. In `/v1` keys go before ids, and ids before names.
    pub fn find(&self, name: &str, strictness: Strictness) -> Option<&Parameter<'a>> {
        let first = if strictness == Strictness::V1 && !name.is_empty() { 0 } else { 2 };
        for kind in first..3 {
            for parameter in &self.parameters {
                if parameter.names.get(kind) == Some(&name) {
                    return Some(parameter);
                }
            }
        }
        None
    }

    /// `required` plays no part: `/v1` sets it on every parameter (documented in the API's inputs page).
    pub fn tell_missing(&self, parameter: &Parameter, sink: &mut impl FnMut(&Finding)) {
        let [key, id, name] = parameter.names;
        // A parameter that no name leads to is hidden by another one.
        for name in [key, name, id] {
            if self.find(name, self.strictness).is_some_and(|found| std::ptr::eq(found, parameter)) {
                let rest = [" has no default. Pass a value for it."];
                return self.doubt(sink, InputCode::MissingNoDefault, "", name, &rest, None);
            }
        }
    }

    pub fn tell_unknown(&self, name: &str, sink: &mut impl FnMut(&Finding)) {
        // `/api` takes names only: whoever used a key or an id knew which parameter was meant.
        let suggestion = if let Some(known) = self.find(name, Strictness::V1) {
            let [.., name] = known.names;
            Some(name)
        } else {
            let mut nearest = Nearest::to(name);
            for parameter in &self.parameters {
                let [.., name] = parameter.names;
                nearest.offer(name);
            }
            for parameter in &self.parameters {
                let [key, ..] = parameter.names;
                if self.strictness == Strictness::V1 && !key.is_empty() {
                    nearest.offer(key);
                }
            }
            nearest.found()
        };
        let rest: &[&str] = match &suggestion {
            Some(suggestion) => &[". Did you mean \"", suggestion, "\"?"],
            None => &[". This app takes no inputs."],
        };
        self.doubt(sink, InputCode::UnknownParameter, "Unknown input ", name, rest, suggestion);
    }

    /// Tells of what only `/v1` is documented to refuse.
    fn doubt(
        &self,
        sink: &mut impl FnMut(&Finding),
        code: InputCode,
        lead: &str,
        name: &str,
        rest: &[&str],
        suggestion: Option<&str>,
    ) {
        tell(sink, self.strictness == Strictness::V1, code, lead, name, rest, suggestion);
    }
}
