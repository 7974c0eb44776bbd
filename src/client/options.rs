//! The options of a client and of a call: their defaults, and what is refused.

use crate::api::routes::ApiVersion;
use crate::core::base_url::base;
use crate::core::credentials::{is_header_value, is_key};
use crate::core::error::Code;
use crate::core::time::Millis;
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure, Parts};
use crate::host::read;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

const DEFAULT_BASE_URL: &str = "https://app.uselamina.ai";
const DEFAULT_TIMEOUT: Millis = Millis::new(60_000.0);
const DEFAULT_ATTEMPT_TIMEOUT: Millis = Millis::new(30_000.0);
const DEFAULT_MAX_RETRIES: u32 = 3;
const DEFAULT_MAX_RETRY_AFTER: Millis = Millis::new(60_000.0);
const DEFAULT_REQUESTS_PER_MINUTE: u32 = 100;

/// Where the key comes from.
pub enum Key {
    /// From the options or the environment.
    Given(String),
    /// From the user's function, for each request.
    Asked,
    /// The user's own back end adds it.
    AddedByProxy,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key")
    }
}

/// The options of a client.
#[derive(Debug)]
pub struct Config {
    /// Where every path is appended to.
    pub base: String,
    /// Where the key comes from.
    pub key: Key,
    /// Whether the key travels as `authorization: Bearer …` instead of `x-api-key`.
    pub bearer: bool,
    /// Which generation of the API is spoken.
    pub version: ApiVersion,
    /// Times and retries, where a call does not say otherwise.
    pub limits: Limits,
    /// The longest pause that a server may ask for.
    pub max_retry_after: Millis,
    /// The budget; `None` where it is switched off.
    pub requests_per_minute: Option<u32>,
    /// Whether somebody listens to events.
    pub on_event: bool,
    /// On every request: the workspace and the user's own.
    headers: Vec<(String, String)>,
    /// The headers of a request without a body and of one with; where the key is known before.
    ready: Option<[JsValue; 2]>,
}

/// Times and retries of one call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The whole call.
    pub timeout: Millis,
    /// One attempt.
    pub attempt_timeout: Millis,
    /// Attempts after the first.
    pub max_retries: u32,
}

/// The options of one call.
#[derive(Debug)]
pub struct CallOptions {
    /// The whole call, if its user said so.
    pub timeout: Option<Millis>,
    /// Times and retries.
    pub limits: Limits,
    /// Extra headers.
    pub headers: Vec<(String, String)>,
}

impl Config {
    /// Reads the options of `new Lamina(options)`.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a bad option, `AUTH_MISSING_KEY` where there is no key at all.
    pub fn read(options: &JsValue) -> Result<Self, Failure> {
        read::options(options)?;
        let default = Limits {
            timeout: DEFAULT_TIMEOUT,
            attempt_timeout: DEFAULT_ATTEMPT_TIMEOUT,
            max_retries: DEFAULT_MAX_RETRIES,
        };
        let call = CallOptions::read(options, default)?;
        let mut headers = Vec::new();
        if let Some(workspace) = read::text(options, "workspaceId")? {
            if workspace.is_empty() || !is_header_value(&workspace) {
                return Err(invalid_argument("`workspaceId` must be a non-empty string that a header can hold."));
            }
            headers.push(("x-workspace-id".into(), workspace));
        }
        headers.extend(call.headers);
        let bearer = match read::text(options, "auth")?.as_deref() {
            None | Some("x-api-key") => false,
            Some("bearer") => true,
            Some(_) => return Err(invalid_argument("`auth` must be \"x-api-key\" or \"bearer\".")),
        };
        let version = match read::text(options, "apiVersion")? {
            None => ApiVersion::default(),
            Some(name) => ApiVersion::parse(&name).ok_or_else(|| {
                invalid_argument("`apiVersion` must be \"api\", \"v1\" or \"v1-executions\".")
            })?,
        };
        read::function(options, "fetch")?;
        let proxy = read::member(options, "proxyUrl")?;
        let mut config = Self {
            base: read_base(options, &proxy)?,
            key: Key::AddedByProxy,
            bearer,
            version,
            limits: call.limits,
            max_retry_after: read::limit(options, "maxRetryAfterMs")?.unwrap_or(DEFAULT_MAX_RETRY_AFTER),
            requests_per_minute: read_requests_per_minute(options)?,
            on_event: read::function(options, "onEvent")?,
            headers,
            ready: None,
        };
        if proxy.is_undefined() {
            config.key = read_key(options)?;
        }
        let known = match &config.key {
            Key::Given(key) => Some(Some(key.clone())),
            Key::AddedByProxy => Some(None),
            Key::Asked => None,
        };
        config.ready = known.map(|key| [false, true].map(|body| config.build_headers(key.as_deref(), &[], body)));
        Ok(config)
    }

    /// The headers of one request.
    pub fn headers(&self, key: Option<&str>, extra: &[(String, String)], body: bool) -> JsValue {
        match &self.ready {
            Some([without, with]) if extra.is_empty() => if body { with } else { without }.clone(),
            _ => self.build_headers(key, extra, body),
        }
    }

    /// The key, where it is known before a request.
    pub fn given_key(&self) -> Option<&str> {
        match &self.key {
            Key::Given(key) => Some(key),
            Key::Asked | Key::AddedByProxy => None,
        }
    }

    /// Only what the API needs: every further header breaks somebody's CORS. What comes later replaces.
    fn build_headers(&self, key: Option<&str>, extra: &[(String, String)], body: bool) -> JsValue {
        let headers = Object::new();
        let set = |name: &str, value: &str| {
            // A plain object of our own takes every member.
            let _ = Reflect::set(&headers, &name.into(), &value.into());
        };
        set("accept", "application/json");
        if body {
            set("content-type", "application/json");
        }
        match key {
            Some(key) if self.bearer => set("authorization", &["Bearer ", key].concat()),
            Some(key) => set("x-api-key", key),
            None => {}
        }
        for (name, value) in self.headers.iter().chain(extra) {
            set(name, value);
        }
        headers.into()
    }
}

impl CallOptions {
    /// Reads what every method takes; `limits` are the client's.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a bad option.
    pub fn read(options: &JsValue, limits: Limits) -> Result<Self, Failure> {
        read::options(options)?;
        if options.is_undefined() || options.is_null() {
            return Ok(Self { timeout: None, limits, headers: Vec::new() });
        }
        let timeout = read::millis(options, "timeoutMs")?;
        let limits = Limits {
            timeout: timeout.unwrap_or(limits.timeout),
            attempt_timeout: read::millis(options, "attemptTimeoutMs")?.unwrap_or(limits.attempt_timeout),
            max_retries: read::count(options, "maxRetries", 0)?.unwrap_or(limits.max_retries),
        };
        Ok(Self { timeout, limits, headers: read::headers(options)? })
    }
}

fn read_base(options: &JsValue, proxy: &JsValue) -> Result<String, Failure> {
    let allow_insecure = read::flag(options, "allowInsecureHttp")?.unwrap_or_default();
    let (name, value) = if proxy.is_undefined() {
        ("baseUrl", read::member(options, "baseUrl")?)
    } else {
        ("proxyUrl", proxy.clone())
    };
    let value = if value.is_undefined() {
        let from_environment = bindings::env("LAMINA_BASE_URL").filter(|url| !url.is_empty());
        from_environment.as_deref().unwrap_or(DEFAULT_BASE_URL).into()
    } else {
        value
    };
    // A path of the page's own origin; `//host` would be another's.
    let own_path = value.as_string().filter(|path| {
        let mut start = path.chars();
        start.next() == Some('/') && !matches!(start.next(), Some('/' | '\\'))
    });
    if let (Some(path), "proxyUrl") = (own_path, name) {
        return Ok(path.trim_end_matches('/').to_owned());
    }
    let url = read::url(&value).ok_or_else(|| invalid_argument(read::quoted(name, " must be an absolute http(s) URL.")))?;
    base(&url, allow_insecure).map_err(|reason| invalid_argument(read::quoted(name, reason)))
}

fn read_requests_per_minute(options: &JsValue) -> Result<Option<u32>, Failure> {
    let value = read::member(options, "requestsPerMinute")?;
    if value.as_f64() == Some(f64::INFINITY) {
        return Ok(None);
    }
    read::count(options, "requestsPerMinute", 1)
        .map(|count| Some(count.unwrap_or(DEFAULT_REQUESTS_PER_MINUTE)))
        .map_err(|_| invalid_argument("`requestsPerMinute` must be a whole number, 1 or more, or Infinity."))
}

fn read_key(options: &JsValue) -> Result<Key, Failure> {
    let value = read::member(options, "apiKey")?;
    let allowed_in_page = read::flag(options, "dangerouslyAllowBrowser")?.unwrap_or_default();
    let key = if value.is_function() {
        Key::Asked
    } else if value.is_undefined() {
        Key::Given(bindings::env("LAMINA_API_KEY").unwrap_or_default())
    } else {
        Key::Given(value.as_string().ok_or_else(|| invalid_argument("`apiKey` must be a string or a function."))?)
    };
    if let Key::Given(key) = &key {
        check_key(key)?;
    }
    if !allowed_in_page && bindings::in_page() {
        return Err(invalid_argument(
            "An API key in a page can be read by everybody who opens it. Call Lamina from your server and give the page \
             `proxyUrl` (see createProxyHandler), or set `dangerouslyAllowBrowser: true` for a page that only you can open.",
        ));
    }
    Ok(key)
}

/// Whether a key may be sent.
///
/// # Errors
///
/// `AUTH_MISSING_KEY` where it is empty, `INVALID_ARGUMENT` where no header may hold it. It is not repeated.
pub fn check_key(key: &str) -> Result<(), Failure> {
    if key.is_empty() {
        Err(Parts::boxed(
            Code::AuthMissingKey,
            "No API key: pass `apiKey` to `new Lamina({ apiKey })`, or set the environment variable LAMINA_API_KEY.",
        ))
    } else if is_key(key) {
        Ok(())
    } else {
        Err(invalid_argument("The API key holds a space, a line break or another character that no header may hold."))
    }
}
