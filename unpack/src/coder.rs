//! A range coder: it writes decisions, each in as many bits as it was improbable, and reads them again.

/// Reads decisions, or writes them: the model calls both in the same way, so that the two can never differ.
pub trait Coder {
    /// The next decision, 0 or 1, where `one` of 65,536 were expected to be 1.
    fn decide(&mut self, one: u32) -> u32;
    /// What the next decisions are going to be: the bits behind the highest one of `code`. Who reads need not be told.
    fn expect(&mut self, _code: u32) {}
}

/// How many digits there are. They are characters that a string of JavaScript holds as they are: from `FIRST` on, without the
/// backslash. Of all numbers of digits whose fifth power has 32 bits it is the largest, and more digits make a shorter text.
pub const RADIX: u32 = 84;
pub const FIRST: u8 = b'(';
/// The range that a digit is taken from, where it is the first of five.
pub const UNIT: u32 = RADIX.pow(4);

/// Reads decisions. Behind the end of the source are zeros, as many as it takes.
#[derive(Debug)]
pub struct Reader<'a> {
    source: core::slice::Iter<'a, u8>,
    range: u32,
    code: u32,
}

impl<'a> Reader<'a> {
    /// At the beginning of what a [`Writer`](crate::writer::Writer) wrote.
    pub fn new(source: &'a [u8]) -> Self {
        let mut reader = Self { source: source.iter(), range: RADIX, code: 0 };
        reader.next();
        while reader.range < UNIT * RADIX {
            reader.widen();
        }
        reader
    }

    fn next(&mut self) {
        if let Some(digit) = self.source.next() {
            let digit = u32::from(*digit).wrapping_sub(u32::from(FIRST) + u32::from(*digit > b'\\'));
            self.code = self.code.wrapping_add(digit);
        }
    }

    fn widen(&mut self) {
        self.range = self.range.wrapping_mul(RADIX);
        self.code = self.code.wrapping_mul(RADIX);
        self.next();
    }
}

impl Coder for Reader<'_> {
    #[inline(always)]
    fn decide(&mut self, one: u32) -> u32 {
        let bound = part(self.range, one);
        let is_one = self.code < bound;
        // Without a branch, for this one could never be foreseen.
        self.range = if is_one { bound } else { self.range - bound };
        self.code = self.code.wrapping_sub(if is_one { 0 } else { bound });
        while self.range < UNIT {
            self.widen();
        }
        u32::from(is_one)
    }
}

/// The part of a range that means 1. It is never all of the range, and never nothing: `one` is neither, and the range is large.
#[inline(always)]
pub fn part(range: u32, one: u32) -> u32 {
    ((u64::from(range) * u64::from(one)) >> 16) as u32
}
