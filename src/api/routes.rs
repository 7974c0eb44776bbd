//! The paths of each version of the API.

use crate::core::retry::Effect;
use crate::core::text::{decimal, is_one_of, join};

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
    /// Reads the option's value.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "api" => Some(Self::Api),
            "v1" => Some(Self::V1),
            "v1-executions" => Some(Self::V1Executions),
            _ => None,
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Api => "/api",
            Self::V1 | Self::V1Executions => "/v1",
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::V1 => "/runs",
            Self::Api | Self::V1Executions => "/executions",
        }
    }
}

/// One request: where it goes and what it does there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query, from the first slash on.
    pub path: String,
    /// What an attempt does to the server.
    pub effect: Effect,
    /// Whether the answer is a stream of events.
    pub streams: bool,
}

impl Route {
    fn post(path: String, effect: Effect) -> Self {
        Self { method: "POST", path, effect, streams: false }
    }

    fn get(path: String) -> Self {
        Self { method: "GET", path, effect: Effect::Safe, streams: false }
    }
}

/// Appends what is there of a query to a path.
fn with_query(mut path: String, query: &[(&str, Option<String>)]) -> String {
    let mut separator = '?';
    for (name, value) in query {
        if let Some(value) = value {
            path.push(separator);
            path.push_str(name);
            path.push_str(&encode(value));
            separator = '&';
        }
    }
    path
}

/// `GET …/apps`, with the two parameters that the API documents.
#[must_use]
pub fn list_apps(version: ApiVersion, search: Option<String>, limit: Option<u32>) -> Route {
    let path = join(&[version.prefix(), "/apps"]);
    Route::get(with_query(path, &[("search=", search), ("limit=", limit.map(decimal))]))
}

/// `GET …/apps/{appId}`.
#[must_use]
pub fn get_app(version: ApiVersion, app_id: &str) -> Route {
    Route::get(join(&[version.prefix(), "/apps/", &encode(app_id)]))
}

/// `GET …/apps/{appId}/workflow`.
#[must_use]
pub fn get_workflow(version: ApiVersion, app_id: &str) -> Route {
    Route::get(join(&[version.prefix(), "/apps/", &encode(app_id), "/workflow"]))
}

/// `POST …/apps/{appId}/executions` (or `/runs`), with the webhook in the query.
#[must_use]
pub fn execute(version: ApiVersion, app_id: &str, webhook: Option<String>) -> Route {
    let path = join(&[version.prefix(), "/apps/", &encode(app_id), version.noun()]);
    Route::post(with_query(path, &[("webhook=", webhook)]), Effect::Start)
}

/// `GET …/executions/{executionId}` (or `/runs/{runId}`).
#[must_use]
pub fn get_execution(version: ApiVersion, execution_id: &str) -> Route {
    Route::get(join(&[version.prefix(), version.noun(), "/", &encode(execution_id)]))
}

/// `GET …/webhooks/signing-key`.
#[must_use]
pub fn signing_keys(version: ApiVersion) -> Route {
    Route::get(join(&[version.prefix(), "/webhooks/signing-key"]))
}

/// `POST /v1/runs/{runId}/cancel`: doing it twice changes nothing (the API's SDK says so), so it may be repeated. The status
/// of its reply is not documented: any 2xx will do.
#[must_use]
pub fn cancel_execution(execution_id: &str) -> Route {
    Route::post(join(&["/v1/runs/", &encode(execution_id), "/cancel"]), Effect::Safe)
}

/// `GET /v1/runs/{runId}/wait`, answered when the run is over, or after so many seconds (1 to 120). What other numbers come to
/// is not documented, so none is sent. The reply's `timeout` is true, false or left out: the run's status says it all.
#[must_use]
pub fn wait(execution_id: &str, seconds: u32) -> Route {
    Route::get(join(&["/v1/runs/", &encode(execution_id), "/wait?timeout=", &decimal(seconds)]))
}

/// `GET /v1/runs/{runId}/stream`.
#[must_use]
pub fn stream(execution_id: &str) -> Route {
    Route { streams: true, ..Route::get(join(&["/v1/runs/", &encode(execution_id), "/stream"])) }
}

/// What `GET /v1/runs` is narrowed by.
#[derive(Debug, Default)]
pub struct RunQuery {
    /// Only those with this status.
    pub status: Option<String>,
    /// Only those of this app.
    pub app_id: Option<String>,
    /// How many at most.
    pub limit: Option<u32>,
    /// How many of the newest are passed over.
    pub offset: Option<u32>,
    /// Only those created after this ISO 8601 date-time.
    pub since: Option<String>,
}

/// `GET /v1/runs`, newest first.
#[must_use]
pub fn list_executions(query: RunQuery) -> Route {
    let query = [
        ("status=", query.status),
        ("appId=", query.app_id),
        ("limit=", query.limit.map(decimal)),
        ("offset=", query.offset.map(decimal)),
        ("since=", query.since),
    ];
    Route::get(with_query("/v1/runs".into(), &query))
}

/// `POST /v1/apps/{appId}/estimate`: it starts nothing.
#[must_use]
pub fn estimate_cost(app_id: &str) -> Route {
    Route::post(join(&["/v1/apps/", &encode(app_id), "/estimate"]), Effect::Safe)
}

/// `GET /v1/account/usage`.
#[must_use]
pub fn usage() -> Route {
    Route::get("/v1/account/usage".into())
}

/// Whether `id` can stand in a path: not empty, and not a step through it.
///
/// U+FFFD is what a lone surrogate became on its way from JavaScript; no id holds one.
#[must_use]
pub fn is_id(id: &str) -> bool {
    !id.is_empty() && id != "." && id != ".." && id.chars().all(|char| char != '\u{fffd}')
}

/// Percent-encodes everything but RFC 3986's unreserved characters and `!*'()`, as `encodeURIComponent` does.
fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || is_one_of(byte, b"-_.!~*'()") {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 15] {
                encoded.extend(HEX.get(usize::from(nibble)).map(|digit| char::from(*digit)));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_paths() {
        let table = [
            (ApiVersion::Api, "/api/apps/a/executions", "/api/executions/e", "/api/apps/a"),
            (ApiVersion::V1, "/v1/apps/a/runs", "/v1/runs/e", "/v1/apps/a"),
            (ApiVersion::V1Executions, "/v1/apps/a/executions", "/v1/executions/e", "/v1/apps/a"),
        ];
        for (version, start, read, app) in table {
            assert_eq!(execute(version, "a", None).path, start);
            assert_eq!(get_execution(version, "e").path, read);
            assert_eq!(get_app(version, "a").path, app);
        }
        assert_eq!(get_workflow(ApiVersion::Api, "a").path, "/api/apps/a/workflow");
    }

    #[test]
    fn queries_hold_only_what_was_given() {
        let api = ApiVersion::Api;
        assert_eq!(list_apps(api, None, None).path, "/api/apps");
        assert_eq!(list_apps(api, Some("a b&c=d".into()), None).path, "/api/apps?search=a%20b%26c%3Dd");
        assert_eq!(list_apps(api, None, Some(5)).path, "/api/apps?limit=5");
        assert_eq!(list_apps(api, Some("x".into()), Some(10)).path, "/api/apps?search=x&limit=10");
        let hook = execute(api, "a", Some("https://me.example/hook?x=1&y=2#z".into())).path;
        assert_eq!(hook, "/api/apps/a/executions?webhook=https%3A%2F%2Fme.example%2Fhook%3Fx%3D1%26y%3D2%23z");
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        assert_eq!(get_app(ApiVersion::Api, "a/../b?c#d").path, "/api/apps/a%2F..%2Fb%3Fc%23d");
        assert_eq!(get_app(ApiVersion::Api, "%2e%2e").path, "/api/apps/%252e%252e");
        assert_eq!(get_app(ApiVersion::Api, "é €").path, "/api/apps/%C3%A9%20%E2%82%AC");
        for id in ["", ".", "..", "a\u{fffd}b"] {
            assert!(!is_id(id), "{id:?}");
        }
        assert!(is_id("..."));
    }

    #[test]
    fn only_a_start_is_a_start() {
        assert_eq!(execute(ApiVersion::Api, "a", None).effect, Effect::Start);
        assert_eq!(get_execution(ApiVersion::Api, "e").effect, Effect::Safe);
    }
}
