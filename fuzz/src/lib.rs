//! What the fuzz targets share: how they read a text, and the worlds in which state machines are driven.

pub mod app;
pub mod budget_world;
#[path = "../../tests/support/flat_app.rs"]
pub mod flat_app;
pub mod host_world;
pub mod wait_world;

/// The first lines of `text`, without their ends; empty where there are no more. The last is all that is left.
pub fn parts<const COUNT: usize>(text: &str) -> [&str; COUNT] {
    let mut lines = text.splitn(COUNT, '\n');
    [(); COUNT].map(|()| lines.next().unwrap_or_default())
}

/// `word` as a number; of another word, one that it stands for, so that no mutation of an input is without effect.
pub fn number(word: &str) -> f64 {
    let other = || f64::from(lamina_wasm::core::hash::fnv1a(word) as u16);
    word.parse().ok().filter(|number: &f64| number.is_finite()).unwrap_or_else(other)
}

/// As above, in whole milliseconds from 0 to `most`.
pub fn millis(word: &str, most: f64) -> f64 {
    number(word).abs().min(most).floor()
}

/// As above, as a number that chooses.
pub fn choice(word: &str) -> usize {
    number(word).abs() as usize
}

/// The words of each line.
pub fn script(text: &str) -> impl Iterator<Item = [&str; 4]> {
    text.lines().map(|line| {
        let mut words = line.split(' ');
        [(); 4].map(|()| words.next().unwrap_or_default())
    })
}
