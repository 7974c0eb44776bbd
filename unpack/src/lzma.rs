//! A raw LZMA stream with `lc = 2`, `lp = 0`, `pb = 0` (the LZMA specification of the 7-Zip project).
//!
//! It trusts its input, which the build made; of any other it makes wrong bytes, but it ends, and it never panics.

/// Where the probabilities of each kind of decision begin. "Is it a match" begins at 0.
const IS_REPEAT: usize = 12;
const IS_NOT_LAST: usize = 24;
const IS_NOT_SECOND: usize = 36;
const IS_FOURTH: usize = 48;
const IS_LONG: usize = 60;
const SLOTS: usize = 72;
const DISTANCES: usize = 328;
const ALIGN: usize = 456;
const LENGTHS: usize = 472;
const REPEAT_LENGTHS: usize = 746;
const LITERALS: usize = 1_020;
/// How many there are.
pub const ODDS: usize = LITERALS + 0x300 * 4;

/// Reads decisions from the stream.
struct Decoder<'a> {
    source: &'a [u8],
    odds: &'a mut [u16; ODDS],
    at: usize,
    range: u32,
    code: u32,
}

impl Decoder<'_> {
    fn next(&mut self) {
        self.code = self.code << 8 | u32::from(self.source.get(self.at).copied().unwrap_or_default());
        self.at += 1;
    }

    fn shift(&mut self) {
        if self.range < 1 << 24 {
            self.range <<= 8;
            self.next();
        }
    }

    /// One bit, by the probability at `place`, which learns from it.
    #[inline(never)]
    fn bit(&mut self, place: usize) -> usize {
        let Some(odds) = self.odds.get_mut(place) else { return 0 };
        let bound = (self.range >> 11).wrapping_mul(u32::from(*odds));
        let one = self.code >= bound;
        if one {
            self.range -= bound;
            self.code -= bound;
            *odds -= *odds >> 5;
        } else {
            self.range = bound;
            *odds += (2_048 - *odds) >> 5;
        }
        self.shift();
        usize::from(one)
    }

    /// So many bits, the highest first; each has a probability for each beginning.
    #[inline(never)]
    fn tree(&mut self, place: usize, count: usize) -> usize {
        let mut node = 1;
        for _ in 0..count {
            node = node << 1 | self.bit(place + node);
        }
        node - (1 << count)
    }

    /// The same with the lowest bit first.
    #[inline(never)]
    fn reversed(&mut self, place: usize, count: usize) -> usize {
        let mut node = 1;
        let mut value = 0;
        for index in 0..count {
            let one = self.bit(place + node);
            node = node << 1 | one;
            value |= one << index;
        }
        value
    }

    #[inline(never)]
    fn length(&mut self, place: usize) -> usize {
        if self.bit(place) == 0 {
            2 + self.tree(place + 2, 3)
        } else if self.bit(place + 1) == 0 {
            10 + self.tree(place + 10, 3)
        } else {
            18 + self.tree(place + 18, 8)
        }
    }

    /// How far back a match is, less one.
    fn distance(&mut self, slot: usize) -> usize {
        if slot < 4 {
            return slot;
        }
        let count = (slot >> 1) - 1;
        let mut value = (2 | slot & 1) << count;
        if slot < 14 {
            return value + self.reversed(DISTANCES + value - slot, count);
        }
        for index in (4..count).rev() {
            self.range >>= 1;
            if self.code >= self.range {
                self.code -= self.range;
                value = value.wrapping_add(1 << index);
            }
            self.shift();
        }
        value.wrapping_add(self.reversed(ALIGN, 4))
    }
}

/// The byte that is `distance` and one more before `end`; 0 where there is none.
fn before(out: &[u8], end: usize, distance: usize) -> usize {
    usize::from(out.get(end.wrapping_sub(distance).wrapping_sub(1)).copied().unwrap_or_default())
}

fn put(out: &mut [u8], end: &mut usize, byte: usize) {
    if let Some(place) = out.get_mut(*end) {
        *place = byte as u8;
    }
    *end += 1;
}

/// Unpacks `source` until `out` is full; `odds` is its memory.
pub fn unpack(source: &[u8], out: &mut [u8], odds: &mut [u16; ODDS]) {
    odds.fill(1_024);
    let mut input = Decoder { source, odds, at: 0, range: u32::MAX, code: 0 };
    for _ in 0..5 {
        input.next();
    }
    let mut last = [0; 4];
    let mut state = 0;
    let mut end = 0;
    while end < out.len() {
        if input.bit(state) == 0 {
            let place = LITERALS + 0x300 * (before(out, end, 0) >> 6);
            let mut symbol = 1;
            if state > 6 {
                // Where the last match would have gone on, this byte differs.
                let mut other = before(out, end, last[0]);
                while symbol < 0x100 {
                    other <<= 1;
                    let expected = other & 0x100;
                    symbol = symbol << 1 | input.bit(place + 0x100 + expected + symbol);
                    if symbol & 1 != expected >> 8 {
                        break;
                    }
                }
            }
            while symbol < 0x100 {
                symbol = symbol << 1 | input.bit(place + symbol);
            }
            put(out, &mut end, symbol);
            state = if state < 4 { 0 } else { state - if state < 10 { 3 } else { 6 } };
            continue;
        }
        let mut count = 1;
        if input.bit(IS_REPEAT + state) == 1 {
            let mut is_long = 1;
            let mut which = 0;
            if input.bit(IS_NOT_LAST + state) == 0 {
                is_long = input.bit(IS_LONG + state);
            } else {
                which = 1;
                if input.bit(IS_NOT_SECOND + state) == 1 {
                    which = 2 + input.bit(IS_FOURTH + state);
                }
            }
            for place in (0..which).rev() {
                last.swap(place & 3, (place + 1) & 3);
            }
            if is_long == 1 {
                count = input.length(REPEAT_LENGTHS);
            }
            state = if state < 7 { 9 - is_long } else { 11 };
        } else {
            count = input.length(LENGTHS);
            let slot = input.tree(SLOTS + 64 * (count - 2).min(3), 6);
            last = [input.distance(slot), last[0], last[1], last[2]];
            state = if state < 7 { 7 } else { 10 };
        }
        for _ in 0..count {
            let byte = before(out, end, last[0]);
            put(out, &mut end, byte);
        }
    }
}
