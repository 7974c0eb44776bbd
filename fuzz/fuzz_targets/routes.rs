//! Ids, searches and webhooks (one line each) in paths and queries: each stays in its place, and comes out as it went in.

#![no_main]

use lamina_fuzz::parts;
use lamina_wasm::api::routes::{
    is_id, ApiVersion, Endpoint, Route, CANCEL_EXECUTION, ESTIMATE_COST, EXECUTE, GET_APP, GET_EXECUTION, GET_WORKFLOW,
    LIST_APPS, LIST_EXECUTIONS, STREAM, WAIT,
};
use lamina_wasm::core::retry::Effect;
use libfuzzer_sys::fuzz_target;
use url::Url;

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8().expect("UTF-8").into_owned()
}

fuzz_target!(|text: &str| {
    let [version, id, search, limit, webhook] = parts(text);
    let version = ApiVersion::parse(version).unwrap_or_default();
    let url = |path: &str| Url::parse(&["https://own.example/prefix", path].concat()).expect("a URL");
    let segments = |path: &str| -> Vec<String> {
        let url = url(path);
        assert!(url.fragment().is_none() && url.host_str() == Some("own.example"));
        url.path_segments().expect("a path").map(decoded).collect()
    };
    let [root, noun] = match version {
        ApiVersion::Api => ["api", "executions"],
        ApiVersion::V1 => ["v1", "runs"],
        ApiVersion::V1Executions => ["v1", "executions"],
    };

    if is_id(id) {
        let to = |endpoint: &Endpoint| Route::to(endpoint, version, id);
        let mut start = to(&EXECUTE);
        assert_eq!(url(&start.path).query(), None);
        start.ask("webhook", Some(webhook.into()));
        assert_eq!((start.method, start.effect), ("POST", Effect::Start));
        assert_eq!(segments(&start.path), ["prefix", root, "apps", id, noun]);
        let query: Vec<_> = url(&start.path).query_pairs().into_owned().collect();
        assert_eq!(query, [("webhook".to_string(), webhook.to_string())]);
        let reads = [
            (to(&GET_APP), vec!["prefix", root, "apps", id]),
            (to(&GET_WORKFLOW), vec!["prefix", root, "apps", id, "workflow"]),
            (to(&GET_EXECUTION), vec!["prefix", root, noun, id]),
        ];
        for (route, expected) in reads {
            assert_eq!((route.method, route.effect), ("GET", Effect::Safe));
            assert_eq!(segments(&route.path), expected);
            assert!(route.path.is_ascii() && !route.streams);
        }
        let runs = [
            (&CANCEL_EXECUTION, vec!["prefix", "v1", "runs", id, "cancel"]),
            (&WAIT, vec!["prefix", "v1", "runs", id, "wait"]),
            (&STREAM, vec!["prefix", "v1", "runs", id, "stream"]),
            (&ESTIMATE_COST, vec!["prefix", "v1", "apps", id, "estimate"]),
        ];
        for (endpoint, expected) in runs {
            let route = Route::to(endpoint, ApiVersion::V1, id);
            assert_eq!(
                (segments(&route.path), route.effect),
                (expected.into_iter().map(String::from).collect(), Effect::Safe)
            );
        }
    } else {
        assert!(matches!(id, "" | "." | "..") || id.contains('\u{fffd}'));
    }

    let limit = limit.parse::<u32>().ok();
    let asked = |endpoint: &Endpoint, version: ApiVersion, query: &[(&str, Option<String>)]| {
        let mut route = Route::to(endpoint, version, "");
        query.iter().for_each(|(name, value)| route.ask(name, value.clone()));
        route
    };
    let count = limit.map(|limit| limit.to_string());
    let list = asked(&LIST_APPS, version, &[("search", Some(search.into())), ("limit", count.clone())]);
    assert_eq!(segments(&list.path), ["prefix", root, "apps"]);
    let queried = |path: &str| url(path).query_pairs().into_owned().collect::<Vec<_>>();
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    let limited = limit.map(|limit| pair("limit", &limit.to_string()));
    assert_eq!(queried(&list.path), Vec::from_iter([pair("search", search)].into_iter().chain(limited.clone())));
    let [status, app_id, since] = [search, id, webhook].map(|text| Some(text.to_string()));
    let query = [("status", status), ("appId", app_id), ("limit", count.clone()), ("offset", count), ("since", since)];
    let list = asked(&LIST_EXECUTIONS, ApiVersion::V1, &query);
    assert_eq!(segments(&list.path), ["prefix", "v1", "runs"]);
    let offset = limit.map(|offset| pair("offset", &offset.to_string()));
    let query = [pair("status", search), pair("appId", id)].into_iter().chain(limited).chain(offset);
    assert_eq!(queried(&list.path), Vec::from_iter(query.chain([pair("since", webhook)])));
});
