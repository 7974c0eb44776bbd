//! What the reply of each operation promises. What it has beside is kept as it is.

use crate::api::routes::ApiVersion;
use crate::host::bindings::{has_text, is_list_of, items};
use crate::host::failure::{invalid_response, Failure};
use crate::host::read::plain;
use crate::host::reply::Reply;
use crate::host::write::{object, set};
use wasm_bindgen::JsValue;

fn promised(kept: bool, data: JsValue, reply: &Reply, message: &'static str) -> Result<JsValue, Failure> {
    if kept {
        return Ok(data);
    }
    let mut failure = invalid_response(message);
    failure.status = reply.status();
    Err(failure)
}

fn data(reply: &Reply) -> JsValue {
    plain(&reply.body(), "data")
}

/// A list of apps, each with an id.
pub fn apps(reply: &Reply, _: ApiVersion) -> Result<JsValue, Failure> {
    let apps = data(reply);
    let kept = is_list_of(&apps, "appId");
    promised(kept, apps, reply, "The reply is not a list of apps, each with an `appId`.")
}

/// An app with its parameters; later versions sketch these by `key` alone.
pub fn app(reply: &Reply, version: ApiVersion) -> Result<JsValue, Failure> {
    let app = data(reply);
    let name = if version == ApiVersion::Api { "name" } else { "" };
    let kept = has_text(&app, "appId") && is_list_of(&plain(&app, "parameters"), name);
    promised(kept, app, reply, "The reply is not an app with an `appId` and `parameters`.")
}

/// A graph.
pub fn workflow(reply: &Reply, _: ApiVersion) -> Result<JsValue, Failure> {
    let workflow = data(reply);
    let kept = is_list_of(&plain(&workflow, "nodes"), "") && is_list_of(&plain(&workflow, "edges"), "");
    promised(kept, workflow, reply, "The reply is not a workflow with `nodes` and `edges`.")
}

/// An execution has a status and an id, under either of its names.
pub fn execution(reply: &Reply, _: ApiVersion) -> Result<JsValue, Failure> {
    let execution = data(reply);
    let kept = is_execution(&execution);
    promised(kept, execution, reply, "The reply is not an execution with an id and a `status`.")
}

/// Whether it is an execution; from here on it has `executionId`.
pub fn is_execution(execution: &JsValue) -> bool {
    let outputs = plain(execution, "outputs");
    let mut kept =
        has_text(execution, "status") && (outputs.is_undefined() || outputs.is_null() || is_list_of(&outputs, ""));
    if kept && !has_text(execution, "executionId") {
        let run_id = plain(execution, "runId");
        kept = has_text(execution, "runId");
        set(execution, "executionId", &run_id);
    }
    kept
}

/// A page of executions, as `{ executions, total, limit, offset }`.
pub fn executions(reply: &Reply, _: ApiVersion) -> Result<JsValue, Failure> {
    let list = data(reply);
    let items = items(&list);
    let mut kept = is_list_of(&list, "");
    for place in 0..items.length() {
        kept = kept && is_execution(&items.get(place));
    }
    let pagination = plain(&reply.body(), "pagination");
    // Where the reply does not say, the page speaks for itself.
    let number = |name, fallback: u32| {
        let said = plain(&pagination, name);
        if said.as_f64().is_some() {
            said
        } else {
            fallback.into()
        }
    };
    let members = [
        ("total", number("total", items.length())),
        ("limit", number("limit", items.length())),
        ("offset", number("offset", 0)),
        ("executions", list),
    ];
    promised(kept, object(&members), reply, "The reply is not a list of executions, each with an id and a `status`.")
}

/// What an app is expected to cost.
pub fn estimate(reply: &Reply, _: ApiVersion) -> Result<JsValue, Failure> {
    let estimate = data(reply);
    let kept = plain(&estimate, "estimatedCredits").is_object();
    promised(kept, estimate, reply, "The reply is not an estimate with `estimatedCredits`.")
}

/// What the account has used, and may use.
pub fn usage(reply: &Reply, _: ApiVersion) -> Result<JsValue, Failure> {
    let usage = data(reply);
    let kept = plain(&usage, "credits").is_object();
    promised(kept, usage, reply, "The reply is not a usage with `credits`.")
}

/// A set of keys, which is not wrapped in `data` (the API's page on the signing key); a wrapped one is taken too.
pub fn keys(reply: &Reply, _: ApiVersion) -> Result<JsValue, Failure> {
    let body = reply.body();
    let wrapped = plain(&body, "data");
    let keys = if wrapped.is_object() { wrapped } else { body };
    let kept = is_list_of(&plain(&keys, "keys"), "");
    promised(kept, keys, reply, "The reply is not a set of `keys`.")
}
