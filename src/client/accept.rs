//! Holds answers to what they promise.

use crate::api::promise::{Is, Member, Promise};
use crate::api::routes::ApiVersion;
use crate::host::bindings::has_list;
use crate::host::failure::{invalid_response, Failure};
use crate::host::reply::Reply;
use crate::host::value::Value;

/// What the reply holds, where that is what was promised. A page of executions is `{ executions, total, limit, offset }`.
///
/// # Errors
///
/// `INVALID_RESPONSE` where it is not.
pub fn accept(reply: Reply, promise: Promise, version: ApiVersion) -> Result<Value, Failure> {
    let mut data = reply.data();
    if promise == Promise::Keys && !data.is_object() {
        data = reply.body();
    }
    let kept = match promise {
        Promise::Execution => is_execution(data),
        Promise::Executions => fits(data, promise.shape(version)) && data.items().all(is_execution),
        _ => fits(data, promise.shape(version)),
    };
    if !kept {
        let mut failure = invalid_response(&["The reply is not ", promise.words()]);
        failure.status = reply.head().status;
        return Err(failure);
    }
    Ok(if promise == Promise::Executions { page(data, reply.body().get("pagination")) } else { data })
}

/// Whether a value has the members of a promise's shape.
fn fits(value: Value, shape: &[Member]) -> bool {
    for Member(name, is) in shape {
        let kept = match is {
            Is::Text => value.has_text(name),
            Is::Object => value.get(name).is_object(),
            Is::List(item) => has_list(value, name, item),
        };
        if !kept {
            return false;
        }
    }
    true
}

/// Whether it is an execution; from here on it has `executionId`.
pub fn is_execution(execution: Value) -> bool {
    let mut kept =
        execution.has_text("status") && (execution.get("outputs").is_undefined() || has_list(execution, "outputs", ""));
    if kept && !execution.has_text("executionId") {
        kept = execution.has_text("runId");
        execution.set("executionId", execution.get("runId"));
    }
    kept
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
