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

impl Promise {
    /// The members that it has: names with a comma between, each of a string that is not empty; before `{` of an object; before `[`
    /// of a list of objects, of which each has the string that is named behind. No name is the answer itself.
    #[must_use]
    pub const fn shape(self, version: ApiVersion) -> &'static str {
        match self {
            Self::Apps => "[appId",
            Self::App if matches!(version, ApiVersion::Api) => "appId,parameters[name",
            Self::App => "appId,parameters[",
            Self::Workflow => "nodes[,edges[",
            Self::Execution => "status",
            Self::Executions => "[",
            Self::Estimate => "estimatedCredits{",
            Self::Usage => "credits{",
            Self::Keys => "keys[",
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
