//! A small hash, for spreading and for keys that only have to differ.

/// FNV-1a, 64 bit.
#[must_use]
pub fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A number in [0, 1) that looks random but is always the same for the same text and count.
#[must_use]
pub fn fraction(text: &str, count: u32) -> f64 {
    let mixed = (fnv1a(text) ^ u64::from(count)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    #[allow(clippy::cast_possible_truncation, reason = "the upper half is what is wanted")]
    let upper = (mixed >> 32) as u32;
    f64::from(upper) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_of_fnv1a() {
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn fractions_are_spread_and_repeat() {
        let all: Vec<f64> = (0..1_000).map(|count| fraction("fc32ae7d", count)).collect();
        assert!(all.iter().all(|value| (0.0..1.0).contains(value)));
        let mean = all.iter().sum::<f64>() / 1_000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert_eq!(fraction("fc32ae7d", 3), fraction("fc32ae7d", 3));
    }
}
