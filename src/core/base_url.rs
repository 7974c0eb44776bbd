//! Where a key may be sent.

use super::text::{all, is_one_of, join, without_slashes};

/// A URL as the host's own parser took it apart, so that no second parser can read it otherwise.
#[derive(Clone, Debug, Default)]
pub struct UrlParts {
    /// With the colon: `https:`.
    pub protocol: String,
    /// In lower case, without the port; IPv6 in brackets.
    pub hostname: String,
    /// Scheme, host and port.
    pub origin: String,
    /// Starts with a slash.
    pub pathname: String,
    /// Whether there is a user, a password, a query or a fragment.
    pub has_extras: bool,
}

/// The base of every request, without a slash at the end; or what is wrong with it.
///
/// A path prefix is kept. A key travels in clear text only to this machine, unless `allow_insecure`.
///
/// # Errors
///
/// A text for the user that starts after the option's name and does not repeat the URL, which may hold a password.
pub fn base(url: &UrlParts, allow_insecure: bool) -> Result<String, &'static str> {
    if url.has_extras {
        return Err(" must hold no user, password, query or fragment.");
    }
    match url.protocol.as_str() {
        "https:" => {}
        "http:" if allow_insecure || is_loopback(&url.hostname) => {}
        "http:" => return Err(" must use https: (http: only to this machine, or with `allowInsecureHttp: true`)."),
        _ => return Err(" must be an http(s) URL."),
    }
    Ok(join(&[url.origin.as_str(), without_slashes(&url.pathname)]))
}

/// Whether `path` is a path of the page's own origin, to which more can be appended: `//host` would be another's, and so would
/// what URL parsers read as that, for they skip tabs and take backslashes for slashes.
#[must_use]
pub fn is_own_path(path: &str) -> bool {
    path.starts_with("/")
        && !path.starts_with("//")
        && all(path, |byte| byte.is_ascii_graphic() && !is_one_of(byte, b"\\?#"))
}

/// Whether `hostname` is this machine, by its name or by its address (RFC 6761, RFC 1122, RFC 4291).
fn is_loopback(hostname: &str) -> bool {
    // The host's URL parser writes every IPv4 form (127.1, 0x7f.1, …) as four decimal numbers, and refuses names that end
    // in a number and are none; "127.0.." ends in none, and is a name.
    let is_ipv4_loopback = hostname.starts_with("127.")
        && !hostname.ends_with(".")
        && all(hostname, |byte| byte == b'.' || byte.is_ascii_digit());
    is_ipv4_loopback || hostname == "localhost" || hostname.ends_with(".localhost") || hostname == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(protocol: &str, hostname: &str, pathname: &str) -> UrlParts {
        UrlParts {
            protocol: protocol.into(),
            hostname: hostname.into(),
            origin: [protocol, "//", hostname].concat(),
            pathname: pathname.into(),
            has_extras: false,
        }
    }

    #[test]
    fn a_path_prefix_is_kept_without_its_last_slash() {
        assert_eq!(base(&parts("https:", "a.example", "/"), false).as_deref(), Ok("https://a.example"));
        assert_eq!(base(&parts("https:", "a.example", "/x/y/"), false).as_deref(), Ok("https://a.example/x/y"));
    }

    #[test]
    fn http_is_for_this_machine_only() {
        for host in ["localhost", "sim.localhost", "127.0.0.1", "127.9.8.7", "[::1]"] {
            assert!(base(&parts("http:", host, "/"), false).is_ok(), "{host}");
        }
        let others = ["a.example", "127.0.0.1.example", "127.example", "127.0.0..", "localhost.example", "128.0.0.1"];
        for host in others.into_iter().chain(["[::2]", "10.0.0.1", "notlocalhost"]) {
            assert!(base(&parts("http:", host, "/"), false).is_err(), "{host}");
            assert!(base(&parts("http:", host, "/"), true).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_path_of_the_own_origin_cannot_lead_to_another() {
        for path in ["/", "/api/lamina", "/api/lamina/", "/a%20b"] {
            assert!(is_own_path(path), "{path}");
        }
        for path in
            ["", "api", "//evil.example", "/\\evil.example", "/\t/evil.example", "/a b", "/a?b", "/a#b", "/\u{e9}"]
        {
            assert!(!is_own_path(path), "{path:?}");
        }
    }

    #[test]
    fn other_schemes_and_extras_are_refused() {
        for protocol in ["ftp:", "javascript:", "data:", "file:"] {
            assert!(base(&parts(protocol, "a.example", "/"), true).is_err(), "{protocol}");
        }
        let with_user = UrlParts { has_extras: true, ..parts("https:", "a.example", "/") };
        assert!(base(&with_user, true).is_err());
    }
}
