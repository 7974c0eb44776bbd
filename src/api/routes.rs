//! The paths of each version of the API.

use super::promise::Promise;
use crate::core::retry::Effect;

/// Which generation of the API is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiVersion {
    /// `/api/apps`, `/api/executions`.
    #[default]
    Api,
    /// `/v1/apps`, `/v1/runs`.
    V1,
    /// `/v1/apps`, `/v1/executions`: between the two.
    V1Executions,
}

impl ApiVersion {
    /// Every version.
    pub const ALL: [Self; 3] = [Self::Api, Self::V1, Self::V1Executions];
    /// What each is called, in the same order.
    pub const NAMES: [&'static str; 3] = ["api", "v1", "v1-executions"];
}

/// One path in each version: `~` stands for the version's word for executions.
macro_rules! paths {
    ($path:literal) => {
        [concat!("/api", $path), concat!("/v1", $path), concat!("/v1", $path)]
    };
    ($before:literal ~ $behind:literal) => {
        [
            concat!("/api", $before, "/executions", $behind),
            concat!("/v1", $before, "/runs", $behind),
            concat!("/v1", $before, "/executions", $behind),
        ]
    };
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nothing in particular.
    Nothing,
    /// An app, by its id.
    App,
    /// An execution, by its id.
    Execution,
}

/// What a query parameter, which is an option of the same name, may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A string.
    Text,
    /// A string, which is left out where it is empty.
    Filled,
    /// A whole number, this or more.
    Count(u32),
    /// A moment: a string, or a `Date`.
    Time,
    /// An absolute http(s) URL: a string, or a `URL`.
    Url,
}

/// One endpoint of the API.
#[derive(Debug)]
pub struct Endpoint {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its path in each version, where `*` stands for an id.
    paths: [&'static str; 3],
    /// What an attempt does to the server.
    pub effect: Effect,
    /// Whether the answer is a stream of events.
    pub streams: bool,
    /// Whose id it takes.
    pub subject: Subject,
    /// What may be asked for in the query.
    pub query: &'static [(&'static str, Ask)],
    /// What its answer holds.
    pub promise: Promise,
    /// The function of which it is, where only the newest version has it.
    pub newest: Option<&'static str>,
}

impl Endpoint {
    const fn get(paths: [&'static str; 3], subject: Subject, promise: Promise) -> Self {
        Self { method: "GET", paths, effect: Effect::Safe, streams: false, subject, query: &[], promise, newest: None }
    }

    const fn post(paths: [&'static str; 3], subject: Subject, promise: Promise) -> Self {
        Self { method: "POST", ..Self::get(paths, subject, promise) }
    }

    const fn newest(self, function: &'static str) -> Self {
        Self { newest: Some(function), ..self }
    }

    /// Its path in a version of the API, where `*` stands for the id.
    #[must_use]
    pub const fn path(&self, version: ApiVersion) -> &'static str {
        let [api, v1, between] = self.paths;
        match version {
            ApiVersion::Api => api,
            ApiVersion::V1 => v1,
            ApiVersion::V1Executions => between,
        }
    }
}

/// Every app.
pub const LIST_APPS: Endpoint = Endpoint {
    query: &[("search", Ask::Filled), ("limit", Ask::Count(1))],
    ..Endpoint::get(paths!("/apps"), Subject::Nothing, Promise::Apps)
};
/// An app with its parameters.
pub const GET_APP: Endpoint = Endpoint::get(paths!("/apps/*"), Subject::App, Promise::App);
/// The graph of an app.
pub const GET_WORKFLOW: Endpoint = Endpoint::get(paths!("/apps/*/workflow"), Subject::App, Promise::Workflow);
/// It starts an execution.
pub const EXECUTE: Endpoint = Endpoint {
    effect: Effect::Start,
    query: &[("webhook", Ask::Url)],
    ..Endpoint::post(paths!("/apps/*" ~ ""), Subject::App, Promise::Execution)
};
/// One look at an execution.
pub const GET_EXECUTION: Endpoint = Endpoint::get(paths!("" ~ "/*"), Subject::Execution, Promise::Execution);
/// The keys that sign webhooks.
pub const SIGNING_KEYS: Endpoint = Endpoint::get(paths!("/webhooks/signing-key"), Subject::Nothing, Promise::Keys);
/// Doing it twice changes nothing (the API's SDK says so), so it may be repeated. The status of its reply is not documented: any
/// 2xx will do.
pub const CANCEL_EXECUTION: Endpoint =
    Endpoint::post(paths!("" ~ "/*/cancel"), Subject::Execution, Promise::Execution).newest("cancelExecution");
/// Answered when the run is over, or after the seconds of the query `timeout` (1 to 120). What other numbers come to is not
/// documented, so none is sent. The reply's `timeout` is true, false or left out: the run's status says it all.
pub const WAIT: Endpoint = Endpoint::get(paths!("" ~ "/*/wait"), Subject::Execution, Promise::Execution);
/// The events of a run.
pub const STREAM: Endpoint =
    Endpoint { streams: true, ..Endpoint::get(paths!("" ~ "/*/stream"), Subject::Execution, Promise::Execution) };
/// Newest first.
pub const LIST_EXECUTIONS: Endpoint = Endpoint {
    query: &[
        ("status", Ask::Text),
        ("appId", Ask::Text),
        ("limit", Ask::Count(1)),
        ("offset", Ask::Count(0)),
        ("since", Ask::Time),
    ],
    ..Endpoint::get(paths!("" ~ ""), Subject::Nothing, Promise::Executions).newest("listExecutions")
};
/// It starts nothing.
pub const ESTIMATE_COST: Endpoint =
    Endpoint::post(paths!("/apps/*/estimate"), Subject::App, Promise::Estimate).newest("estimateCost");
/// What the account has used, and may use.
pub const USAGE: Endpoint =
    Endpoint::get(paths!("/account/usage"), Subject::Nothing, Promise::Usage).newest("getUsage");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_paths() {
        let table = [
            (ApiVersion::Api, "/api/apps/*/executions", "/api/executions/*", "/api/apps/*"),
            (ApiVersion::V1, "/v1/apps/*/runs", "/v1/runs/*", "/v1/apps/*"),
            (ApiVersion::V1Executions, "/v1/apps/*/executions", "/v1/executions/*", "/v1/apps/*"),
        ];
        for (version, start, read, app) in table {
            assert_eq!(EXECUTE.path(version), start);
            assert_eq!(GET_EXECUTION.path(version), read);
            assert_eq!(GET_APP.path(version), app);
        }
        assert_eq!(GET_WORKFLOW.path(ApiVersion::Api), "/api/apps/*/workflow");
        assert_eq!(SIGNING_KEYS.path(ApiVersion::Api), "/api/webhooks/signing-key");
    }

    #[test]
    fn what_only_the_newest_version_has() {
        let table = [
            (&CANCEL_EXECUTION, "/v1/runs/*/cancel"),
            (&WAIT, "/v1/runs/*/wait"),
            (&STREAM, "/v1/runs/*/stream"),
            (&LIST_EXECUTIONS, "/v1/runs"),
            (&ESTIMATE_COST, "/v1/apps/*/estimate"),
            (&USAGE, "/v1/account/usage"),
        ];
        for (endpoint, expected) in table {
            assert_eq!(endpoint.path(ApiVersion::V1), expected);
        }
    }

    #[test]
    fn a_path_has_a_place_for_an_id_where_it_is_about_something() {
        let all = [
            &LIST_APPS,
            &GET_APP,
            &GET_WORKFLOW,
            &EXECUTE,
            &GET_EXECUTION,
            &SIGNING_KEYS,
            &CANCEL_EXECUTION,
            &WAIT,
            &STREAM,
            &LIST_EXECUTIONS,
            &ESTIMATE_COST,
            &USAGE,
        ];
        for endpoint in all {
            let places = endpoint.path(ApiVersion::V1).matches('*').count();
            assert_eq!(places, usize::from(endpoint.subject != Subject::Nothing), "{endpoint:?}");
            assert_eq!(endpoint.effect == Effect::Start, std::ptr::eq(endpoint, all[3]), "{endpoint:?}");
        }
    }
}
