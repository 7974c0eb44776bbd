//! Base URLs and paths of the own origin, as a URL parser of the browsers' kind takes them apart.

#![no_main]

use lamina_wasm::core::base_url::{base, is_own_path, UrlParts};
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn own_path(text: &str) {
    let own = Url::parse("https://own.example/page/").expect("a URL");
    if is_own_path(text) {
        let joined = own.join(text).expect("a path");
        assert_eq!(joined.origin(), own.origin(), "it leads to another origin");
        assert!(joined.query().is_none() && joined.fragment().is_none() && joined.username().is_empty());
        // What is appended stays below.
        let longer = [text.trim_end_matches('/'), "/api/apps"].concat();
        let below = own.join(&longer).expect("a path");
        assert_eq!(below.origin(), own.origin(), "{longer} leads to another origin");
    }
}

fuzz_target!(|text: &str| {
    own_path(text);
    let Ok(url) = Url::parse(text) else { return };
    let parts = UrlParts {
        protocol: [url.scheme(), ":"].concat(),
        hostname: url.host_str().unwrap_or_default().into(),
        origin: url.origin().ascii_serialization(),
        pathname: url.path().into(),
        has_extras: !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some(),
    };
    for allow_insecure in [false, true] {
        let base = base(&parts, allow_insecure);
        let is_http = url.scheme() == "http";
        let may = !parts.has_extras
            && (url.scheme() == "https"
                || is_http && (allow_insecure || url.host().is_some_and(|host| is_this_machine(&host))));
        assert_eq!(base.is_ok(), may, "{url} {allow_insecure}");
        let Ok(base) = base else { continue };
        assert!(!base.ends_with('/'));
        let request = Url::parse(&[&base, "/api/apps/x?search=y"].concat()).expect("a URL");
        assert_eq!(request.origin(), url.origin(), "the key goes to the host that was named");
        assert_eq!(request.scheme(), url.scheme());
        let prefix = url.path().trim_end_matches('/');
        assert_eq!(request.path(), [prefix, "/api/apps/x"].concat(), "a path prefix is kept");
    }
});
