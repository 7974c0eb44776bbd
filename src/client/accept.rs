//! What the reply of each operation promises. What it has beside is kept as it is.

use crate::api::routes::ApiVersion;
use crate::core::text::split;
use crate::host::bindings::is_list_of;
use crate::host::failure::{invalid_response, Failure};
use crate::host::reply::Reply;
use crate::host::value::Value;

/// What a reply holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// A list of apps, each with an id.
    Apps,
    /// An app with its parameters; later versions sketch these by `key` alone.
    App,
    /// A graph.
    Workflow,
    /// An execution has a status and an id, under either of its names.
    Execution,
    /// A page of executions, as `{ executions, total, limit, offset }`.
    Executions,
    /// What an app is expected to cost.
    Estimate,
    /// What the account has used, and may use.
    Usage,
    /// A set of keys, which is not wrapped in `data` (the API's page on the signing key); a wrapped one is taken too.
    Keys,
}

impl Accept {
    /// What the reply holds, where that is what was promised.
    ///
    /// # Errors
    ///
    /// `INVALID_RESPONSE` where it is not.
    pub fn take(self, reply: Reply, version: ApiVersion) -> Result<Value, Failure> {
        let body = reply.body();
        let mut data = body.get("data");
        if self == Self::Keys && !data.is_object() {
            data = body;
        }
        let (shape, promise) = match self {
            Self::Apps => ("[appId", "a list of apps, each with an `appId`."),
            Self::App if version == ApiVersion::Api => ("appId,parameters[name", APP),
            Self::App => ("appId,parameters[", APP),
            Self::Workflow => ("nodes[,edges[", "a workflow with `nodes` and `edges`."),
            Self::Execution => ("", "an execution with an id and a `status`."),
            Self::Executions => ("[", "a list of executions, each with an id and a `status`."),
            Self::Estimate => ("estimatedCredits{", "an estimate with `estimatedCredits`."),
            Self::Usage => ("credits{", "a usage with `credits`."),
            Self::Keys => ("keys[", "a set of `keys`."),
        };
        let kept = match self {
            Self::Execution => is_execution(data),
            Self::Executions => fits(data, shape) && are_executions(data),
            _ => fits(data, shape),
        };
        if !kept {
            let mut failure = invalid_response(&["The reply is not ", promise]);
            failure.status = reply.status();
            return Err(failure);
        }
        Ok(if self == Self::Executions { page(data, body.get("pagination")) } else { data })
    }
}

const APP: &str = "an app with an `appId` and `parameters`.";

/// Whether a value has every member of `shape`: names with a comma between, each of a string that is not empty; before `{` of an
/// object; before `[` of a list of objects, of which each has the string that is named behind. No name is the value itself.
fn fits(value: Value, shape: &str) -> bool {
    let mut rest = Some(shape);
    while let Some(shape) = rest {
        let (member, more) = split(shape, b",");
        rest = more;
        let (name, item) = split(member, b"[");
        let (object, is_object) = split(name, b"{");
        let kept = match item {
            Some(item) => is_list_of(if name.is_empty() { value } else { value.get(name) }, item),
            None if is_object.is_some() => value.get(object).is_object(),
            None => value.has_text(name),
        };
        if !kept {
            return false;
        }
    }
    true
}

/// Whether it is an execution; from here on it has `executionId`.
pub fn is_execution(execution: Value) -> bool {
    let outputs = execution.get("outputs");
    let mut kept = execution.has_text("status") && (outputs.is_undefined() || is_list_of(outputs, ""));
    if kept && !execution.has_text("executionId") {
        kept = execution.has_text("runId");
        execution.set("executionId", execution.get("runId"));
    }
    kept
}

fn are_executions(list: Value) -> bool {
    let mut list = list.items();
    list.all(is_execution)
}

/// Where the reply does not say, the page speaks for itself.
fn page(list: Value, pagination: Value) -> Value {
    let page = Value::object(&[("executions", list)]);
    for (name, fallback) in [("total", list.count()), ("limit", list.count()), ("offset", 0)] {
        let said = pagination.get(name);
        page.set(name, if said.as_f64().is_some() { said } else { fallback.into() });
    }
    page
}
