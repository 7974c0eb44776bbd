//! The candidate that the user probably meant.

/// Longer texts are compared by their beginning: the work grows with the product of the lengths.
const COMPARED: usize = 64;

/// The candidate that `given` is most like: one that differs only in case and outer spaces, else the one that the fewest
/// edits turn into it; of equals the first. Nothing only where there are no candidates.
#[must_use]
pub fn nearest<'a>(given: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = beginning(given);
    candidates.min_by_key(|candidate| {
        if candidate.trim_ascii().eq_ignore_ascii_case(given.trim_ascii()) {
            0
        } else {
            edits(&wanted, &beginning(candidate)).saturating_add(1)
        }
    })
}

/// Only ASCII is folded: the tables for all of Unicode would be several kilobytes.
fn beginning(text: &str) -> Vec<char> {
    text.trim_ascii().chars().take(COMPARED).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// How many letters must be put in, taken out or replaced (Levenshtein's distance), by one row of the usual table.
fn edits(left: &[char], right: &[char]) -> u32 {
    let mut row: Vec<u32> = (1..).take(right.len()).collect();
    let mut edge = 0_u32;
    for letter in left {
        let mut diagonal = edge;
        edge = edge.saturating_add(1);
        let mut before = edge;
        for (cell, other) in row.iter_mut().zip(right) {
            let replaced = diagonal.saturating_add(u32::from(letter != other));
            diagonal = *cell;
            before = replaced.min(before.min(*cell).saturating_add(1));
            *cell = before;
        }
    }
    row.last().copied().unwrap_or(edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<char> {
        text.chars().collect()
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
            assert_eq!(edits(&letters(left), &letters(right)), expected, "{left} {right}");
            assert_eq!(edits(&letters(right), &letters(left)), expected, "{right} {left}");
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
            assert_eq!(nearest(given, &mut candidates.iter().copied()), expected, "{given}");
        }
    }

    #[test]
    fn only_the_beginning_of_a_long_text_is_compared() {
        let book = "word ".repeat(1_000_000);
        let shelf = vec![book.as_str(); 200];
        assert_eq!(nearest("word", &mut shelf.iter().copied()), Some(book.as_str()));
    }
}
