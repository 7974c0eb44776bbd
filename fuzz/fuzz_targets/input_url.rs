//! URLs among inputs: none is refused that a URL parser of the browsers' kind takes without repairing it.

#![no_main]

use lamina_fuzz::flat_app::{validate, InputValue, Kind, Parameter};
use lamina_wasm::core::validate::{InputCode, Strictness};
use libfuzzer_sys::fuzz_target;
use url::Url;

fn is_taken(text: &str) -> bool {
    let parameter = Parameter {
        name: "Front".into(),
        key: None,
        id: None,
        kind: Kind::Url,
        options: Vec::new(),
        has_default: false,
        multiple: false,
    };
    let report = validate(&[parameter], &[("Front".into(), InputValue::Text(text.into()))], Strictness::V1);
    assert!(report.warnings.is_empty() && report.errors.len() <= 1);
    for error in &report.errors {
        assert_eq!((error.code, error.parameter.as_str()), (InputCode::InvalidUrl, "Front"));
        assert!(error.suggestion.is_none() && error.message.len() < 800);
    }
    report.valid()
}

fuzz_target!(|text: &str| {
    let parsed = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let taken = is_taken(text);
    if let Some(url) = &parsed {
        assert!(is_taken(url.as_str()), "{url}");
        let is_whole = text.bytes().all(|byte| byte > b' ' && byte != 0x7f);
        let has_slashes = text
            .split_once(':')
            .is_some_and(|(_, rest)| rest.strip_prefix("//").is_some_and(|rest| !rest.starts_with(['/', '\\'])));
        assert!(taken || !is_whole || !has_slashes, "{text:?} is {url}");
    }
    if taken {
        let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
        assert!(scheme == "https" || scheme == "http");
        assert!(!text.contains([' ', '\n', '\r', '\t', '\0']));
        // What is refused there has a host that no resolver finds, or a port that is none; never another scheme.
        assert!(parsed.is_some() || Url::parse(text).is_err());
    }
});
