//! What the reply of each operation promises. What it has beside is kept as it is.

use crate::api::routes::ApiVersion;
use crate::host::bindings::is_list_of;
use crate::host::failure::{invalid_response, Failure};
use crate::host::read::{plain, plain_text};
use crate::host::reply::Reply;
use crate::host::write::set;
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
    let kept = plain_text(&app, "appId").is_some() && is_list_of(&plain(&app, "parameters"), name);
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
    let outputs = plain(&execution, "outputs");
    let mut kept = plain_text(&execution, "status").is_some()
        && (outputs.is_undefined() || outputs.is_null() || is_list_of(&outputs, ""));
    if kept && plain_text(&execution, "executionId").is_none() {
        let run_id = plain(&execution, "runId");
        kept = plain_text(&execution, "runId").is_some();
        set(&execution, "executionId", &run_id);
    }
    promised(kept, execution, reply, "The reply is not an execution with an id and a `status`.")
}
