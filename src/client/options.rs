//! The options of a client and of a call: their defaults, and what is refused.

use crate::api::routes::ApiVersion;
use crate::core::base_url::{base, is_own_path};
use crate::core::credentials::{is_header_value, is_key};
use crate::core::error::Code;
use crate::core::text::{join, without_slashes};
use crate::core::time::Millis;
use crate::host::bindings;
use crate::host::failure::{invalid_argument, invalid_option, Failure, Parts};
use crate::host::options::Options;
use crate::host::read;
use crate::host::write;
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

impl std::fmt::Debug for Config {
    /// Without the key, which stands in the headers too.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Config")
    }
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
    /// The whole call, if its user said so; else zero.
    pub timeout: Millis,
    /// Times and retries.
    pub limits: Limits,
    /// Extra headers.
    pub headers: Vec<(String, String)>,
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
    pub fn read(options: &JsValue) -> Result<Self, Failure> {
        let mut options = Options::new(options);
        let call = CallOptions::take(&mut options, Limits::DEFAULT);
        let mut headers = Vec::new();
        if let Some(workspace) = options.text("workspaceId") {
            if workspace.is_empty() || !is_header_value(&workspace) {
                options.refuse(invalid_option("workspaceId", " must be a non-empty string that a header can hold."));
            }
            headers.push(("x-workspace-id".into(), workspace));
        }
        for header in call.headers {
            headers.push(header);
        }
        let auth = options.text("auth");
        if !matches!(auth.as_deref(), None | Some("x-api-key" | "bearer")) {
            options.refuse(invalid_option("auth", " must be \"x-api-key\" or \"bearer\"."));
        }
        let version = options.text("apiVersion").map_or(Some(ApiVersion::default()), |name| ApiVersion::parse(&name));
        if version.is_none() {
            options.refuse(invalid_option("apiVersion", " must be \"api\", \"v1\" or \"v1-executions\"."));
        }
        options.function("fetch");
        let proxy = options.value("proxyUrl");
        let mut config = Self {
            base: read_base(&mut options, &proxy),
            key: Key::AddedByProxy,
            bearer: auth.as_deref() == Some("bearer"),
            version: version.unwrap_or_default(),
            limits: call.limits,
            max_retry_after: options.limit("maxRetryAfterMs", DEFAULT_MAX_RETRY_AFTER),
            requests_per_minute: read_requests_per_minute(&mut options),
            on_event: options.function("onEvent"),
            headers,
            ready: None,
        };
        let key = proxy.is_undefined().then(|| read_key(&mut options));
        options.finish()?;
        if let Some(key) = key {
            if let Key::Given(key) = &key {
                check_key(key)?;
            }
            config.key = key;
        }
        let known = match &config.key {
            Key::Given(key) => Some(Some(key.clone())),
            Key::AddedByProxy => Some(None),
            Key::Asked => None,
        };
        if let Some(key) = known {
            let key = key.as_deref();
            config.ready = Some([config.build_headers(key, &[], false), config.build_headers(key, &[], true)]);
        }
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
        let headers = write::object(&[]);
        let set = |name: &str, value: &str| write::set(&headers, name, &value.into());
        set("accept", "application/json");
        if body {
            set("content-type", "application/json");
        }
        match key {
            Some(key) if self.bearer => set("authorization", &join(&["Bearer ", key])),
            Some(key) => set("x-api-key", key),
            None => {}
        }
        for (name, value) in self.headers.iter().chain(extra) {
            set(name, value);
        }
        headers
    }
}

impl CallOptions {
    /// Takes what every method takes; `limits` are the client's.
    pub fn take(options: &mut Options, limits: Limits) -> Self {
        let timeout = options.millis("timeoutMs");
        let attempt_timeout = options.millis("attemptTimeoutMs");
        let or = |given: Millis, default| if given == Millis::ZERO { default } else { given };
        Self {
            timeout,
            limits: Limits {
                timeout: or(timeout, limits.timeout),
                attempt_timeout: or(attempt_timeout, limits.attempt_timeout),
                max_retries: options.count("maxRetries", 0).unwrap_or(limits.max_retries),
            },
            headers: options.headers(),
        }
    }
}

fn read_base(options: &mut Options, proxy: &JsValue) -> String {
    let allow_insecure = options.flag("allowInsecureHttp", false);
    let mut name = "proxyUrl";
    let mut value = proxy.clone();
    if proxy.is_undefined() {
        name = "baseUrl";
        value = options.value(name);
        if value.is_undefined() {
            let from_environment = bindings::env("LAMINA_BASE_URL").as_string().filter(|url| !url.is_empty());
            value = from_environment.as_deref().unwrap_or(DEFAULT_BASE_URL).into();
        }
    } else if let Some(path) = value.as_string() {
        if is_own_path(&path) {
            return without_slashes(&path).to_owned();
        }
    }
    let Some(url) = read::url(&value) else {
        options.refuse(invalid_option(name, " must be an absolute http(s) URL."));
        return String::new();
    };
    base(&url, allow_insecure).unwrap_or_else(|reason| {
        options.refuse(invalid_option(name, reason));
        String::new()
    })
}

fn read_requests_per_minute(options: &mut Options) -> Option<u32> {
    let name = "requestsPerMinute";
    if options.value(name).as_f64() == Some(f64::INFINITY) {
        return None;
    }
    Some(options.count(name, 1).unwrap_or(DEFAULT_REQUESTS_PER_MINUTE))
}

fn read_key(options: &mut Options) -> Key {
    let value = options.value("apiKey");
    let allowed_in_page = options.flag("dangerouslyAllowBrowser", false);
    let key = if value.is_function() {
        Key::Asked
    } else if value.is_undefined() {
        Key::Given(bindings::env("LAMINA_API_KEY").as_string().unwrap_or_default())
    } else {
        Key::Given(value.as_string().unwrap_or_else(|| {
            options.refuse(invalid_option("apiKey", " must be a string or a function."));
            String::new()
        }))
    };
    let is_there = !matches!(&key, Key::Given(key) if key.is_empty());
    if is_there && !allowed_in_page && bindings::in_page() {
        options.refuse(invalid_argument(
            "Everybody who opens a page can read its API key. Call Lamina from your server and give the page a `proxyUrl`, or \
             set `dangerouslyAllowBrowser: true`.",
        ));
    }
    key
}

/// Whether a key may be sent.
///
/// # Errors
///
/// `AUTH_MISSING_KEY` where it is empty, `INVALID_ARGUMENT` where no header may hold it. It is not repeated.
pub fn check_key(key: &str) -> Result<(), Failure> {
    if key.is_empty() {
        Err(Parts::new(
            Code::AuthMissingKey,
            "No API key: pass `apiKey`, or set the environment variable LAMINA_API_KEY.",
        ))
    } else if is_key(key) {
        Ok(())
    } else {
        Err(invalid_argument("The API key holds a character that no header may hold."))
    }
}
