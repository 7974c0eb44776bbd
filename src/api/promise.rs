//! What the answer of each endpoint promises. What it has beside is kept as it is.

use super::routes::ApiVersion;

/// What an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// A list of apps, each with an id.
    Apps,
    /// An app with its parameters; later versions sketch these by `key` alone.
    App,
    /// A graph.
    Workflow,
    /// An execution has a status and an id, under either of its names.
    Execution,
    /// A page of executions.
    Executions,
    /// What an app is expected to cost.
    Estimate,
    /// What the account has used, and may use.
    Usage,
    /// A set of keys, which is not wrapped in `data` (the API's page on the signing key); a wrapped one is taken too.
    Keys,
}

/// A member, by its name, and what it is. No name is the answer itself.
#[derive(Clone, Copy, Debug)]
pub struct Member(pub &'static str, pub Is);

/// What a member is.
#[derive(Clone, Copy, Debug)]
pub enum Is {
    /// A string, and not empty.
    Text,
    /// An object.
    Object,
    /// A list of objects, each with a string by this name, which is not empty; with whatever where there is no name.
    List(&'static str),
}

const APP_ID: Member = Member("appId", Is::Text);

impl Promise {
    /// The members that it has.
    #[must_use]
    pub const fn shape(self, version: ApiVersion) -> &'static [Member] {
        match self {
            Self::Apps => &[Member("", Is::List("appId"))],
            Self::App if matches!(version, ApiVersion::Api) => &[APP_ID, Member("parameters", Is::List("name"))],
            Self::App => &[APP_ID, Member("parameters", Is::List(""))],
            Self::Workflow => &[Member("nodes", Is::List("")), Member("edges", Is::List(""))],
            Self::Execution => &[Member("status", Is::Text)],
            Self::Executions => &[Member("", Is::List(""))],
            Self::Estimate => &[Member("estimatedCredits", Is::Object)],
            Self::Usage => &[Member("credits", Is::Object)],
            Self::Keys => &[Member("keys", Is::List(""))],
        }
    }

    /// The same for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Apps => "a list of apps, each with an `appId`.",
            Self::App => "an app with an `appId` and `parameters`.",
            Self::Workflow => "a workflow with `nodes` and `edges`.",
            Self::Execution => "an execution with an id and a `status`.",
            Self::Executions => "a list of executions, each with an id and a `status`.",
            Self::Estimate => "an estimate with `estimatedCredits`.",
            Self::Usage => "a usage with `credits`.",
            Self::Keys => "a set of `keys`.",
        }
    }
}
