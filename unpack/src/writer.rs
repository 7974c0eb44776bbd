//! Writes what `coder.rs` reads. Only the build needs it.

use crate::coder::{part, Coder, FIRST, RADIX, UNIT};

const DIGIT: u64 = UNIT as u64;
const ALL: u64 = DIGIT * RADIX as u64;

/// Writes decisions.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
    /// The lower end of the range; five digits, and what it carries above them.
    low: u64,
    range: u32,
    /// The digits that a carry may still change: one, once there is one, and how many of the highest kind behind it.
    digit: Option<u8>,
    highest: usize,
    /// The decisions that are still to come.
    code: u32,
    left: u32,
}

impl<'a> Writer<'a> {
    /// At the beginning of `out`; what does not fit there is dropped.
    pub fn new(out: &'a mut [u8]) -> Self {
        Self { out, at: 0, low: 0, range: UNIT * RADIX, digit: None, highest: 0, code: 0, left: 0 }
    }

    fn put(&mut self, digit: u8) {
        if let Some(place) = self.out.get_mut(self.at) {
            *place = digit + FIRST + u8::from(digit + FIRST >= b'\\');
        }
        self.at += 1;
    }

    /// Takes the first digit from the range.
    fn shift(&mut self) {
        let carry = u8::from(self.low >= ALL);
        self.low -= ALL * u64::from(carry);
        let digit = (self.low / DIGIT) as u8;
        if carry == 1 || u32::from(digit) < RADIX - 1 {
            if let Some(digit) = self.digit.replace(digit) {
                self.put(digit + carry);
            }
            for _ in 0..core::mem::take(&mut self.highest) {
                self.put(if carry == 1 { 0 } else { RADIX as u8 - 1 });
            }
        } else {
            self.highest += 1;
        }
        self.low = self.low % DIGIT * u64::from(RADIX);
    }

    /// How many digits it has written, once all of them are there. Zeros at the end are left out.
    pub fn finish(mut self) -> usize {
        // The number in the range that ends in the most zeros.
        self.low = self.low.next_multiple_of(DIGIT);
        for _ in 0..6 {
            self.shift();
        }
        let written = self.out.get(..self.at).unwrap_or_default();
        written.iter().rposition(|digit| *digit != FIRST).map_or(0, |last| last + 1)
    }
}

impl Coder for Writer<'_> {
    fn decide(&mut self, one: u32) -> u32 {
        let bound = part(self.range, one);
        self.left = self.left.saturating_sub(1);
        let decision = (self.code >> self.left) & 1;
        if decision == 1 {
            self.range = bound;
        } else {
            self.low += u64::from(bound);
            self.range -= bound;
        }
        while self.range < UNIT {
            self.range *= RADIX;
            self.shift();
        }
        decision
    }

    fn expect(&mut self, code: u32) {
        self.code = code;
        self.left = code.checked_ilog2().unwrap_or_default();
    }
}
