//! Ids, searches and webhooks (one line each) in paths and queries: each stays in its place, and comes out as it went in.

#![no_main]

use lamina_fuzz::parts;
use lamina_wasm::api::routes::{
    cancel_execution, estimate_cost, execute, get_app, get_execution, get_workflow, is_id, list_apps, list_executions,
    stream, wait, ApiVersion, RunQuery,
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
        let start = execute(version, id, Some(webhook.into()));
        assert_eq!((start.method, start.effect), ("POST", Effect::Start));
        assert_eq!(segments(&start.path), ["prefix", root, "apps", id, noun]);
        let query: Vec<_> = url(&start.path).query_pairs().into_owned().collect();
        assert_eq!(query, [("webhook".to_string(), webhook.to_string())]);
        assert_eq!(url(&execute(version, id, None).path).query(), None);
        let reads = [
            (get_app(version, id), vec!["prefix", root, "apps", id]),
            (get_workflow(version, id), vec!["prefix", root, "apps", id, "workflow"]),
            (get_execution(version, id), vec!["prefix", root, noun, id]),
        ];
        for (route, expected) in reads {
            assert_eq!((route.method, route.effect), ("GET", Effect::Safe));
            assert_eq!(segments(&route.path), expected);
            assert!(route.path.is_ascii() && !route.streams);
        }
        let runs = [
            (cancel_execution(id), vec!["prefix", "v1", "runs", id, "cancel"]),
            (wait(id, 120), vec!["prefix", "v1", "runs", id, "wait"]),
            (stream(id), vec!["prefix", "v1", "runs", id, "stream"]),
            (estimate_cost(id), vec!["prefix", "v1", "apps", id, "estimate"]),
        ];
        for (route, expected) in runs {
            assert_eq!(
                (segments(&route.path), route.effect),
                (expected.into_iter().map(String::from).collect(), Effect::Safe)
            );
        }
    } else {
        assert!(matches!(id, "" | "." | "..") || id.contains('\u{fffd}'));
    }

    let limit = limit.parse::<u32>().ok();
    let list = list_apps(version, Some(search.into()), limit);
    assert_eq!(segments(&list.path), ["prefix", root, "apps"]);
    let queried = |path: &str| url(path).query_pairs().into_owned().collect::<Vec<_>>();
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    let limited = limit.map(|limit| pair("limit", &limit.to_string()));
    assert_eq!(queried(&list.path), Vec::from_iter([pair("search", search)].into_iter().chain(limited.clone())));
    let [status, app_id, since] = [search, id, webhook].map(|text| Some(text.to_string()));
    let list = list_executions(RunQuery { status, app_id, limit, offset: limit, since });
    assert_eq!(segments(&list.path), ["prefix", "v1", "runs"]);
    let offset = limit.map(|offset| pair("offset", &offset.to_string()));
    let query = [pair("status", search), pair("appId", id)].into_iter().chain(limited).chain(offset);
    assert_eq!(queried(&list.path), Vec::from_iter(query.chain([pair("since", webhook)])));
});
