//! The options of a client and of a call: their defaults, and what is refused.

use crate::api::routes::ApiVersion;
use crate::core::base_url::{base, is_own_path};
use crate::core::credentials::{is_header_value, is_key};
use crate::core::error::Code;
use crate::core::text::{join, without_slashes};
use crate::core::time::Millis;
use crate::host::bindings;
use crate::host::failure::{invalid_argument, Failure, Parts};
use crate::host::options::Options;
use crate::host::read::{self, whole};
use crate::host::value::Value;

const DEFAULT_BASE_URL: &str = "https://app.uselamina.ai";
const DEFAULT_TIMEOUT: Millis = Millis::new(60_000.0);
const DEFAULT_ATTEMPT_TIMEOUT: Millis = Millis::new(30_000.0);
const DEFAULT_MAX_RETRIES: u32 = 3;
const DEFAULT_MAX_RETRY_AFTER: Millis = Millis::new(60_000.0);
const DEFAULT_REQUESTS_PER_MINUTE: u32 = 100;

/// Where the key comes from.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// From the options or the environment; a value of the client.
    Given(Value),
    /// From the user's function, for each request.
    Asked,
    /// The user's own back end adds it.
    AddedByProxy,
}

/// The options of a client. Its values are the client's, which each of its calls knows by the same numbers.
#[derive(Debug)]
pub struct Config {
    /// Where every path is appended to.
    pub base: Value,
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
    headers: Value,
    /// The headers of a request without a body and of one with; where the key is known before.
    ready: Option<[Value; 2]>,
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
#[derive(Clone, Copy, Debug)]
pub struct CallOptions {
    /// The whole call, if its user said so; else zero.
    pub timeout: Millis,
    /// Times and retries.
    pub limits: Limits,
    /// Extra headers; undefined where there are none.
    pub headers: Value,
}

impl Limits {
    /// What holds where nobody says otherwise.
    pub const DEFAULT: Self =
        Self { timeout: DEFAULT_TIMEOUT, attempt_timeout: DEFAULT_ATTEMPT_TIMEOUT, max_retries: DEFAULT_MAX_RETRIES };
}

impl Config {
    /// Reads the options of `new Lamina(options)`.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for a bad option, `AUTH_MISSING_KEY` where there is no key at all.
    pub fn read(options: Value) -> Result<Self, Failure> {
        let mut options = Options::new(options);
        let mut headers = Value::UNDEFINED;
        let workspace = options.text("workspaceId");
        if let Some(text) = workspace.text() {
            if text.is_empty() || !is_header_value(&text) {
                options.refuse_option("workspaceId", " must be a non-empty string that a header can hold.");
            }
            headers = Value::object(&[("x-workspace-id", workspace)]);
        }
        let call = CallOptions::take(&mut options, Limits::DEFAULT, headers);
        let auth = options.choice("auth", &["x-api-key", "bearer"], " must be \"x-api-key\" or \"bearer\".");
        let version =
            options.choice("apiVersion", &ApiVersion::NAMES, " must be \"api\", \"v1\" or \"v1-executions\".");
        options.function("fetch");
        let proxy = options.value("proxyUrl");
        let mut config = Self {
            base: read_base(&mut options, proxy),
            key: Key::AddedByProxy,
            bearer: auth == Some(1),
            version: ApiVersion::ALL.get(version.unwrap_or_default()).copied().unwrap_or_default(),
            limits: call.limits,
            max_retry_after: options.limit("maxRetryAfterMs", DEFAULT_MAX_RETRY_AFTER),
            requests_per_minute: read_requests_per_minute(&mut options),
            on_event: options.function("onEvent"),
            headers: call.headers,
            ready: None,
        };
        if proxy.is_undefined() {
            config.key = read_key(&mut options);
        }
        options.finish()?;
        let known = match config.key {
            Key::Given(key) => check_key(key)?,
            Key::AddedByProxy => Value::UNDEFINED,
            Key::Asked => return Ok(config),
        };
        let build = |body| config.build_headers(known, Value::UNDEFINED, body);
        config.ready = Some([build(false), build(true)]);
        Ok(config)
    }

    /// The headers of one request, with a key and extra headers of the call's.
    pub fn headers(&self, key: Value, extra: Value, body: bool) -> Value {
        match self.ready {
            Some([without, with]) if extra.is_undefined() => {
                if body {
                    with
                } else {
                    without
                }
            }
            _ => self.build_headers(key, extra, body),
        }
    }

    /// Only what the API needs: every further header breaks somebody's CORS. What comes later replaces.
    fn build_headers(&self, key: Value, extra: Value, body: bool) -> Value {
        let headers = Value::object(&[("accept", "application/json".into())]);
        if body {
            headers.set("content-type", "application/json".into());
        }
        if self.bearer {
            if let Some(key) = key.text() {
                headers.set("authorization", join(&["Bearer ", &key]).as_str().into());
            }
        } else if !key.is_undefined() {
            headers.set("x-api-key", key);
        }
        headers.assign(self.headers);
        headers.assign(extra);
        headers
    }
}

impl CallOptions {
    /// Takes what every method takes; `limits` are the client's, and `headers` get what else is to be sent.
    pub fn take(options: &mut Options, limits: Limits, headers: Value) -> Self {
        let timeout = options.millis("timeoutMs");
        let attempt_timeout = options.millis("attemptTimeoutMs");
        Self {
            timeout,
            limits: Limits {
                timeout: timeout.or(limits.timeout),
                attempt_timeout: attempt_timeout.or(limits.attempt_timeout),
                max_retries: whole(options.count("maxRetries", 0)).unwrap_or(limits.max_retries),
            },
            headers: options.headers(headers),
        }
    }
}

fn read_base(options: &mut Options, proxy: Value) -> Value {
    let allow_insecure = options.flag("allowInsecureHttp", false);
    let mut name = "proxyUrl";
    let mut value = proxy;
    if proxy.is_undefined() {
        name = "baseUrl";
        value = options.value(name);
        if value.is_undefined() {
            value = bindings::env("LAMINA_BASE_URL");
        }
        if value.is_undefined() {
            return DEFAULT_BASE_URL.into();
        }
    } else if let Some(path) = value.text() {
        if is_own_path(&path) {
            return without_slashes(&path).into();
        }
    }
    let based = match read::url(value) {
        Some(url) => base(&url, allow_insecure),
        None => Err(" must be an absolute http(s) URL."),
    };
    match based {
        Ok(base) => base.as_str().into(),
        Err(reason) => {
            options.refuse_option(name, reason);
            Value::UNDEFINED
        }
    }
}

fn read_requests_per_minute(options: &mut Options) -> Option<u32> {
    let name = "requestsPerMinute";
    if options.value(name).number() == f64::INFINITY {
        return None;
    }
    Some(whole(options.count(name, 1)).unwrap_or(DEFAULT_REQUESTS_PER_MINUTE))
}

fn read_key(options: &mut Options) -> Key {
    let value = options.value("apiKey");
    let allowed_in_page = options.flag("dangerouslyAllowBrowser", false);
    let key = if value.is_undefined() { bindings::env("LAMINA_API_KEY") } else { value };
    let is_function = key.is_function();
    if !key.is_nothing() && !is_function && !key.is_string() {
        options.refuse_option("apiKey", " must be a string or a function.");
    }
    let is_there = is_function || key.text().is_some_and(|key| !key.is_empty());
    if is_there && !allowed_in_page && bindings::in_page() {
        options.refuse(invalid_argument(
            "Everybody who opens a page can read its API key. Call Lamina from your server and give the page a `proxyUrl`, or \
             set `dangerouslyAllowBrowser: true`.",
        ));
    }
    if is_function {
        Key::Asked
    } else {
        Key::Given(key)
    }
}

/// A key that may be sent.
///
/// # Errors
///
/// `AUTH_MISSING_KEY` where it is empty, `INVALID_ARGUMENT` where no header may hold it. It is not repeated.
pub fn check_key(key: Value) -> Result<Value, Failure> {
    match key.text().as_deref() {
        None | Some("") => Err(Parts::new(
            Code::AuthMissingKey,
            "No API key: pass `apiKey`, or set the environment variable LAMINA_API_KEY.",
        )),
        Some(text) if is_key(text) => Ok(key),
        Some(_) => Err(invalid_argument("The API key holds a character that no header may hold.")),
    }
}
