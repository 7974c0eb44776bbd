//! A webhook's signature and timestamp (one line each), and our clock and the tolerance (two more).

#![no_main]

use lamina_fuzz::{millis, number, parts};
use lamina_wasm::core::time::Millis;
use lamina_wasm::core::webhook::{check_head, Refused};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let [signature, timestamp, now, tolerance] = parts(text);
    let (now, tolerance) = (number(now), Millis::new(millis(tolerance, 1e15)));
    let is_signature = signature.chars().count() == 128 && signature.chars().all(|digit| digit.to_digit(16).is_some());
    let is_number = !timestamp.is_empty() && timestamp.chars().all(|digit| digit.is_ascii_digit());
    match check_head(signature, timestamp, now, tolerance) {
        Ok(seconds) => {
            assert!(is_signature && is_number);
            assert_eq!(timestamp.parse(), Ok(seconds));
            assert!((now / 1e3 - seconds).abs() <= tolerance.get() / 1e3 + 1e-6 * seconds.max(1.0));
        }
        Err(Refused::Signature) => assert!(!is_signature),
        // More digits than a number holds are no time of this age.
        Err(Refused::Timestamp) => assert!(is_signature && (!is_number || timestamp.len() > 15)),
        Err(Refused::Expired) => {
            let seconds: f64 = timestamp.parse().expect("a number");
            assert!((now - seconds * 1e3).abs() > tolerance.get());
        }
    }
});
