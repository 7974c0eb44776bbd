//! The paths of each version of the API.

use crate::core::retry::Effect;
use crate::core::text::is_one_of;

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

/// One endpoint of the API.
#[derive(Debug)]
pub struct Endpoint {
    /// `GET` or `POST`.
    method: &'static str,
    /// Its path, where `^` stands for the version's prefix, `~` for its word for executions, and `*` for an id.
    path: &'static str,
    /// What an attempt does to the server.
    effect: Effect,
    /// Whether the answer is a stream of events.
    streams: bool,
    /// Whether it is about one app or execution, by its id.
    pub is_of_one: bool,
    /// The function of which it is, where only the newest version has it.
    pub newest: Option<&'static str>,
}

impl Endpoint {
    const fn get(path: &'static str) -> Self {
        let mut is_of_one = false;
        let mut rest = path.as_bytes();
        while let [byte, more @ ..] = rest {
            is_of_one |= *byte == b'*';
            rest = more;
        }
        Self { method: "GET", path, effect: Effect::Safe, streams: false, is_of_one, newest: None }
    }

    const fn post(path: &'static str) -> Self {
        Self { method: "POST", ..Self::get(path) }
    }

    const fn newest(self, function: &'static str) -> Self {
        Self { newest: Some(function), ..self }
    }
}

/// With the query `search` and `limit`.
pub const LIST_APPS: Endpoint = Endpoint::get("^/apps");
/// An app with its parameters.
pub const GET_APP: Endpoint = Endpoint::get("^/apps/*");
/// The graph of an app.
pub const GET_WORKFLOW: Endpoint = Endpoint::get("^/apps/*/workflow");
/// With the query `webhook`.
pub const EXECUTE: Endpoint = Endpoint { effect: Effect::Start, ..Endpoint::post("^/apps/*~") };
/// One look at an execution.
pub const GET_EXECUTION: Endpoint = Endpoint::get("^~/*");
/// The keys that sign webhooks.
pub const SIGNING_KEYS: Endpoint = Endpoint::get("^/webhooks/signing-key");
/// Doing it twice changes nothing (the API's SDK says so), so it may be repeated. The status of its reply is not documented: any
/// 2xx will do.
pub const CANCEL_EXECUTION: Endpoint = Endpoint::post("^~/*/cancel").newest("cancelExecution");
/// Answered when the run is over, or after the seconds of the query `timeout` (1 to 120). What other numbers come to is not
/// documented, so none is sent. The reply's `timeout` is true, false or left out: the run's status says it all.
pub const WAIT: Endpoint = Endpoint::get("^~/*/wait");
/// The events of a run.
pub const STREAM: Endpoint = Endpoint { streams: true, ..Endpoint::get("^~/*/stream") };
/// Newest first; with the query `status`, `appId`, `limit`, `offset` and `since`.
pub const LIST_EXECUTIONS: Endpoint = Endpoint::get("^~").newest("listExecutions");
/// It starts nothing.
pub const ESTIMATE_COST: Endpoint = Endpoint::post("^/apps/*/estimate").newest("estimateCost");
/// What the account has used, and may use.
pub const USAGE: Endpoint = Endpoint::get("^/account/usage").newest("getUsage");

/// One request: where it goes and what it does there.
#[derive(Debug)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Where it goes, with its query.
    pub url: String,
    /// What an attempt does to the server.
    pub effect: Effect,
    /// Whether the answer is a stream of events.
    pub streams: bool,
    has_query: bool,
}

impl Route {
    /// The way to `endpoint` of what has the id, at the server that is found at `base`.
    #[must_use]
    pub fn to(endpoint: &Endpoint, version: ApiVersion, base: &str, id: &str) -> Self {
        // Room for one id, so that it grows at most for a query.
        let mut url = String::with_capacity(160);
        url.push_str(base);
        for part in endpoint.path.chars() {
            match part {
                '^' => url.push_str(version.prefix()),
                '~' => url.push_str(version.noun()),
                '*' => encode(&mut url, id),
                part => url.push(part),
            }
        }
        Self { method: endpoint.method, url, effect: endpoint.effect, streams: endpoint.streams, has_query: false }
    }

    /// Adds to the query what is there.
    pub fn ask(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.url.push(if self.has_query { '&' } else { '?' });
            self.has_query = true;
            self.url.push_str(name);
            self.url.push('=');
            encode(&mut self.url, &value);
        }
    }
}

/// Whether `id` can stand in a path: not empty, and not a step through it.
///
/// U+FFFD is what a lone surrogate became on its way from JavaScript; no id holds one.
#[must_use]
pub fn is_id(id: &str) -> bool {
    !id.is_empty() && id != "." && id != ".." && id.chars().all(|char| char != '\u{fffd}')
}

/// Percent-encodes everything but RFC 3986's unreserved characters and `!*'()`, as `encodeURIComponent` does.
fn encode(encoded: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || is_one_of(byte, b"-_.!~*'()");
    // Most ids are plain: they go in at once.
    if text.bytes().all(is_plain) {
        return encoded.push_str(text);
    }
    for byte in text.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 15] {
                encoded.extend(HEX.get(usize::from(nibble)).map(|digit| char::from(*digit)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(endpoint: &Endpoint, version: ApiVersion, id: &str) -> String {
        Route::to(endpoint, version, "", id).url
    }

    #[test]
    fn each_version_has_its_paths() {
        let table = [
            (ApiVersion::Api, "/api/apps/a/executions", "/api/executions/e", "/api/apps/a"),
            (ApiVersion::V1, "/v1/apps/a/runs", "/v1/runs/e", "/v1/apps/a"),
            (ApiVersion::V1Executions, "/v1/apps/a/executions", "/v1/executions/e", "/v1/apps/a"),
        ];
        for (version, start, read, app) in table {
            assert_eq!(path(&EXECUTE, version, "a"), start);
            assert_eq!(path(&GET_EXECUTION, version, "e"), read);
            assert_eq!(path(&GET_APP, version, "a"), app);
        }
        assert_eq!(path(&GET_WORKFLOW, ApiVersion::Api, "a"), "/api/apps/a/workflow");
        assert_eq!(path(&SIGNING_KEYS, ApiVersion::Api, ""), "/api/webhooks/signing-key");
    }

    #[test]
    fn what_only_the_newest_version_has() {
        let table = [
            (&CANCEL_EXECUTION, "/v1/runs/e/cancel"),
            (&WAIT, "/v1/runs/e/wait"),
            (&STREAM, "/v1/runs/e/stream"),
            (&LIST_EXECUTIONS, "/v1/runs"),
            (&ESTIMATE_COST, "/v1/apps/e/estimate"),
            (&USAGE, "/v1/account/usage"),
        ];
        for (endpoint, expected) in table {
            assert_eq!(path(endpoint, ApiVersion::V1, "e"), expected);
        }
    }

    #[test]
    fn queries_hold_only_what_was_given() {
        let asked = |query: &[(&str, Option<&str>)]| {
            let mut route = Route::to(&LIST_APPS, ApiVersion::Api, "", "");
            query.iter().for_each(|(name, value)| route.ask(name, value.map(String::from)));
            route.url
        };
        assert_eq!(asked(&[("search", None), ("limit", None)]), "/api/apps");
        assert_eq!(asked(&[("search", Some("a b&c=d"))]), "/api/apps?search=a%20b%26c%3Dd");
        assert_eq!(asked(&[("search", None), ("limit", Some("5"))]), "/api/apps?limit=5");
        assert_eq!(asked(&[("search", Some("x?")), ("limit", Some("10"))]), "/api/apps?search=x%3F&limit=10");
        let hook = asked(&[("webhook", Some("https://me.example/hook?x=1&y=2#z"))]);
        assert_eq!(hook, "/api/apps?webhook=https%3A%2F%2Fme.example%2Fhook%3Fx%3D1%26y%3D2%23z");
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        assert_eq!(path(&GET_APP, ApiVersion::Api, "a/../b?c#d"), "/api/apps/a%2F..%2Fb%3Fc%23d");
        assert_eq!(path(&GET_APP, ApiVersion::Api, "%2e%2e"), "/api/apps/%252e%252e");
        assert_eq!(path(&GET_APP, ApiVersion::Api, "é €^~*"), "/api/apps/%C3%A9%20%E2%82%AC%5E~*");
        for id in ["", ".", "..", "a\u{fffd}b"] {
            assert!(!is_id(id), "{id:?}");
        }
        assert!(is_id("..."));
    }

    #[test]
    fn only_a_start_is_a_start() {
        assert_eq!(Route::to(&EXECUTE, ApiVersion::Api, "", "a").effect, Effect::Start);
        assert_eq!(Route::to(&GET_EXECUTION, ApiVersion::Api, "", "e").effect, Effect::Safe);
        assert_eq!(Route::to(&CANCEL_EXECUTION, ApiVersion::V1, "", "e").effect, Effect::Safe);
    }
}
