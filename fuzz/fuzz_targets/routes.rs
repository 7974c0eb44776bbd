//! Ids (one line each): what may stand in a path is one step through it. The host puts it there (`tests/wasm/urls.rs`).

#![no_main]

use lamina_fuzz::parts;
use lamina_wasm::api::routes::is_id;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &str| {
    for id in parts::<5>(text) {
        if is_id(id) {
            let encoded = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string();
            // As `encodeURIComponent` does: points stay.
            let encoded = encoded.replace("%2E", ".");
            let url = Url::parse(&["https://own.example/apps/", &encoded, "/workflow"].concat()).expect("a URL");
            let segments: Vec<_> = url.path_segments().expect("a path").collect();
            assert_eq!(segments, ["apps", &encoded, "workflow"]);
        } else {
            assert!(matches!(id, "" | "." | "..") || id.contains('\u{fffd}'));
        }
    }
});
