//! The candidate that the user probably meant.

/// Longer texts are compared by their beginning: the work grows with the product of the lengths.
const COMPARED: usize = 64;

/// Finds the candidate that a text is most like: one that differs only in case and outer spaces, else the one that the fewest
/// edits turn into it; of equals the first.
pub struct Nearest<'g, 'a> {
    given: &'g str,
    edits: u32,
    found: Option<&'a str>,
}

impl<'g, 'a> Nearest<'g, 'a> {
    /// No candidate yet.
    pub fn to(given: &'g str) -> Self {
        Self { given: given.trim_ascii(), edits: u32::MAX, found: None }
    }

    /// One candidate more.
    pub fn offer(&mut self, candidate: &'a str) {
        let trimmed = candidate.trim_ascii();
        let edits =
            if trimmed.eq_ignore_ascii_case(self.given) { 0 } else { edits(self.given, trimmed).saturating_add(1) };
        if edits < self.edits {
            self.edits = edits;
            self.found = Some(candidate);
        }
    }

    /// The nearest; none only where there were no candidates.
    pub fn found(&self) -> Option<&'a str> {
        self.found
    }
}

/// Only ASCII is folded: the tables for all of Unicode would be several kilobytes.
fn beginning(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().take(COMPARED).map(|letter| letter.to_ascii_lowercase())
}

/// How many letters must be put in, taken out or replaced (Levenshtein's distance), by one row of the usual table.
/// No number here is above [`COMPARED`].
fn edits(left: &str, right: &str) -> u32 {
    let mut row = [0_u32; COMPARED];
    let mut edits = 0_u32;
    for (cell, _) in row.iter_mut().zip(beginning(right)) {
        edits = edits.wrapping_add(1);
        *cell = edits;
    }
    let mut edge = 0_u32;
    for letter in beginning(left) {
        let mut diagonal = edge;
        edge = edge.wrapping_add(1);
        edits = edge;
        for (cell, other) in row.iter_mut().zip(beginning(right)) {
            let replaced = diagonal.wrapping_add(u32::from(letter != other));
            diagonal = *cell;
            edits = replaced.min(edits.min(diagonal).wrapping_add(1));
            *cell = edits;
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest<'a>(given: &str, candidates: &[&'a str]) -> Option<&'a str> {
        let mut nearest = Nearest::to(given);
        candidates.iter().for_each(|candidate| nearest.offer(candidate));
        nearest.found()
    }

    #[test]
    fn distances() {
        let table = [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
            ("saturday", "sunday", 3),
            ("flaw", "lawn", 2),
            ("äb", "ab", 1),
        ];
        for (left, right, expected) in table {
            assert_eq!(edits(left, right), expected, "{left} {right}");
            assert_eq!(edits(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn the_nearest_of_some() {
        let long = "x".repeat(100);
        let longer = [&long, "Y"].concat();
        let longer_small = [&long, "y "].concat();
        let table: [(&str, &[&str], Option<&str>); 9] = [
            ("Mars", &["Studio", "Urban", "Park"], Some("Park")),
            ("standard", &["Standart", "Standard "], Some("Standard ")),
            (" STRAIGHT", &["Curly ", "Straight "], Some("Straight ")),
            ("Model Ethnicity", &["Model Age", "Model  Ethnicity"], Some("Model  Ethnicity")),
            ("zzz", &["abc", "def"], Some("abc")),
            ("", &["abc", "d"], Some("d")),
            ("a", &[""], Some("")),
            ("a", &[], None),
            (&longer_small, &[&long, &longer], Some(&longer)),
        ];
        for (given, candidates, expected) in table {
            assert_eq!(nearest(given, candidates), expected, "{given}");
        }
    }

    #[test]
    fn only_the_beginning_of_a_long_text_is_compared() {
        let book = "word ".repeat(1_000_000);
        let shelf = vec![book.as_str(); 200];
        assert_eq!(nearest("word", &shelf), Some(book.as_str()));
    }
}
