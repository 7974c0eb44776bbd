//! One request: where it goes and what it does there.

use super::options::Config;
use crate::api::routes::Endpoint;
use crate::host::bindings;
use crate::host::value::Value;

/// An endpoint, and the URL of what is wanted of it.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The endpoint.
    pub endpoint: &'static Endpoint,
    /// The URL, with its query.
    pub url: Value,
}

impl Route {
    /// The way to `endpoint` of what has the id. Its URL is undefined where the endpoint takes an id, and this is none.
    #[must_use]
    pub fn to(endpoint: &'static Endpoint, config: &Config, id: Value) -> Self {
        Self { endpoint, url: bindings::url(config.base, endpoint.path(config.version), id) }
    }

    /// Adds a parameter to the query, where there is a value.
    pub fn ask(&mut self, name: &str, value: Value) {
        if !value.is_undefined() {
            self.url = bindings::ask(self.url, name, value);
        }
    }
}
