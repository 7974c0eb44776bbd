//! The nearest label (the lines from the second on) to a wrong one (the first), against the plainest way to find it.

#![no_main]

use lamina_fuzz::flat_app::{validate, without_marks, InputValue, Kind, Parameter};
use lamina_fuzz::parts;
use lamina_wasm::core::validate::Strictness;
use libfuzzer_sys::fuzz_target;

/// What is compared of a label.
fn beginning(text: &str) -> Vec<char> {
    text.trim_ascii().to_ascii_lowercase().chars().take(64).collect()
}

/// Levenshtein's distance, by the whole table.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
    for row in 0..=left.len() {
        for column in 0..=right.len() {
            table[row][column] = if row == 0 || column == 0 {
                row + column
            } else {
                let replaced = table[row - 1][column - 1] + usize::from(left[row - 1] != right[column - 1]);
                replaced.min(table[row - 1][column] + 1).min(table[row][column - 1] + 1)
            };
        }
    }
    table[left.len()][right.len()]
}

fuzz_target!(|text: &str| {
    let text = without_marks(text);
    let [given, labels] = parts(&text);
    let labels: Vec<String> = labels.split('\n').map(String::from).collect();
    let parameter = Parameter {
        name: "Style".into(),
        key: None,
        id: None,
        kind: Kind::Options,
        options: labels.clone(),
        has_default: true,
        multiple: false,
    };
    let inputs = [("Style".into(), InputValue::Text(given.into()))];
    let report = validate(&[parameter], &inputs, Strictness::V1);
    let Some(error) = report.errors.first() else {
        return assert!(labels.iter().any(|label| label == given));
    };
    assert!(!labels.iter().any(|label| label == given));
    let suggested = error.suggestion.as_deref().expect("there is a nearest label");
    let folded = |text: &str| text.trim_ascii().to_ascii_lowercase();
    let same = labels.iter().find(|label| folded(label) == folded(given));
    let wanted = beginning(given);
    let nearest = labels.iter().min_by_key(|label| distance(&wanted, &beginning(label)));
    assert_eq!(Some(suggested), same.or(nearest).map(String::as_str));
});
