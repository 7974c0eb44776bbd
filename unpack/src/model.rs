//! Foresees bytes, decision by decision, and learns from each: a mixture of what was seen before in the same places.
//!
//! A byte is a walk from the root of a tree to one of its leaves, and the more often a byte occurs, the nearer its leaf is (a
//! Huffman code): half as many decisions as it has bits. Four counters foresee a decision, one for each of four contexts. Their
//! odds are weighed and summed up, and the weights learn as well.
//!
//! It trusts what it reads, which the build made; of anything else it makes wrong bytes, but it ends, and it never panics.

use crate::coder::Coder;
use crate::structure::{hash, Structure, KINDS};

/// How many trees there are beside the first one, and which one each kind of bytes (`structure.rs`) has.
pub const TREES: usize = 9;
const TREE: [u8; KINDS] = [1, 2, 1, 3, 4, 5, 1, 3, 5, 6, 7, 8, 9];
/// How far a leaf may be from the root.
pub const LONGEST: u32 = 10;
const NODES: usize = 2 << LONGEST;

/// How many counters there is room for, as a power of two.
const COUNTERS: u32 = 18;

/// Counters that stand in one line of the processor's cache.
const LINE: u32 = 32;

/// The parts of a counter: 10 bits for how probable a 1 is, above (or below) a half; 3 for how often it was asked; 3 for whose
/// it is.
const ODDS: i32 = !63;
const ASKED: i32 = 7 * ONCE;
const ONCE: i32 = 8;
const OWNER: i32 = 7;
/// Where `stretch` begins with an even chance.
const HALF: u16 = 512;

/// Counters, each line of which begins where one of the cache does.
#[repr(align(64))]
#[derive(Debug)]
struct Counters([i16; 1 << COUNTERS]);

/// What was seen, and what is to be expected next. What is small stands in front: the code is shorter where addresses are.
#[repr(C)]
#[derive(Debug)]
pub struct Model {
    /// Where the counters of the next byte are.
    bases: [u32; 4],
    /// The kind of the next byte.
    kind: usize,
    /// By the lowest 6 bits of a counter, how fast it learns; and in the lowest 6 bits, those that it has afterwards.
    paces: [i32; 64],
    /// By the kind of the byte.
    weights: [[i32; 4]; 16],
    /// The logarithm of the odds of a 1, by the odds of a counter; and how probable it is, by the logarithm.
    stretch: [i16; 1_024],
    squash: [u16; 1_024],
    /// The way to each byte: its bits behind a 1. And back: the byte at each leaf, with 256 added.
    ways: [[u16; 256]; 16],
    leaves: [[u16; NODES]; 16],
    counters: Counters,
}

impl Model {
    /// All zeros: there is nothing of it in the WebAssembly.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self {
            bases: [0; 4],
            kind: 0,
            paces: [0; 64],
            weights: [[0; 4]; 16],
            stretch: [0; 1_024],
            squash: [0; 1_024],
            ways: [[0; 256]; 16],
            leaves: [[0; NODES]; 16],
            counters: Counters([0; 1 << COUNTERS]),
        }
    }

    /// Fills the tables.
    fn prepare(&mut self) {
        // e to the power of -8, and from one place to the next that of a 64th more.
        let mut odds = 0.000_335_46_f32;
        let mut next = 0;
        for (place, squash) in self.squash.iter_mut().enumerate() {
            let one = 65_536.0 * odds / (1.0 + odds);
            *squash = one as u16;
            odds *= 1.015_748;
            while next <= *squash >> 6 {
                self.stretch[usize::from(next & 1_023 ^ HALF)] = place as i16 * 4 - 2_048;
                next += 1;
            }
        }
        self.stretch[usize::from(1_023 ^ HALF)] = 2_044;
        for (low, pace) in self.paces.iter_mut().enumerate() {
            let low = low as i32;
            let rate = 655_360 / (20 * (low / ONCE) + 25);
            *pace = (rate << 6) | (low + if low < ASKED { ONCE } else { 0 });
        }
        self.weights.fill([20_000; 4]);
    }

    /// Grows a tree with leaves that far from its root, by their bytes; 0 where there is none.
    fn grow(&mut self, tree: usize, lengths: &[u8; 256]) {
        let mut way = 1_u16;
        for length in 1..LONGEST as u8 + 1 {
            way <<= 1;
            for (byte, found) in lengths.iter().enumerate() {
                if *found == length {
                    self.ways[tree & 15][byte & 255] = way;
                    self.leaves[tree & 15][usize::from(way) & (NODES - 1)] = 256 | byte as u16;
                    way = way.wrapping_add(1);
                }
            }
        }
    }

    /// The counter of a context at a node: its place, and itself.
    #[inline(always)]
    fn counter(&self, context: usize, node: u32) -> (usize, i32) {
        let base = self.bases[context].wrapping_add((node / LINE).wrapping_mul(0x2c1b_3c6d));
        let place = ((base >> (32 - COUNTERS)) ^ (node % LINE)) as usize;
        let counter = i32::from(self.counters.0[place]);
        let owner = base as i32 & OWNER;
        (place, if counter & OWNER == owner { counter } else { owner })
    }

    /// What a counter says.
    #[inline(always)]
    fn input(&self, (_, counter): (usize, i32)) -> i32 {
        i32::from(self.stretch[(counter >> 6) as usize & 1_023])
    }

    /// Tells a counter what it should have said: all of the odds, or nothing.
    #[inline(always)]
    fn tell(&mut self, (place, counter): (usize, i32), all: i32) {
        let pace = self.paces[counter as usize & 63];
        let odds = counter + (((all - 32_768 - counter) * (pace >> 6)) >> 15);
        self.counters.0[place & (self.counters.0.len() - 1)] = (odds & ODDS | pace & !ODDS) as i16;
    }

    /// Which way to go from a node. What is called for every decision is compiled well after a few thousand of them; a loop over
    /// all of them would not be. For the same reason nothing here is a loop, and hardly anything a branch.
    #[inline(never)]
    fn decide(&mut self, coder: &mut impl Coder, node: u32) -> u32 {
        let (first, second) = (self.counter(0, node), self.counter(1, node));
        let (third, fourth) = (self.counter(2, node), self.counter(3, node));
        let inputs = [self.input(first), self.input(second), self.input(third), self.input(fourth)];
        let weights = self.weights[self.kind & 15];
        let weighed = |at: usize| weights[at].wrapping_mul(inputs[at]);
        let sum = weighed(0).wrapping_add(weighed(1)).wrapping_add(weighed(2)).wrapping_add(weighed(3)) >> 18;
        let one = self.squash[(sum.clamp(-512, 511) + 512) as usize & 1_023];
        let decision = coder.decide(u32::from(one));

        let all = 0_i32.wrapping_sub(decision as i32) & 65_535;
        let error = ((all - i32::from(one)) * 3) >> 2;
        let learnt = |at: usize| weights[at].wrapping_add((inputs[at] * error) >> 14);
        self.weights[self.kind & 15] = [learnt(0), learnt(1), learnt(2), learnt(3)];
        self.tell(first, all);
        self.tell(second, all);
        self.tell(third, all);
        self.tell(fourth, all);
        decision
    }

    /// One byte: the walk through a tree. 0 where a tree has no leaf, as one of the build has everywhere.
    fn walk(&mut self, coder: &mut impl Coder, tree: usize, byte: u8) -> u8 {
        coder.expect(u32::from(self.ways[tree & 15][usize::from(byte)]));
        let mut node = 1;
        while node < NODES as u32 / 2 {
            node = node << 1 | self.decide(coder, node);
            let leaf = self.leaves[tree & 15][node as usize & (NODES - 1)];
            if leaf > 0 {
                return leaf as u8;
            }
        }
        0
    }

    /// The next byte of a module, which goes to `place`, or is there.
    #[inline(never)]
    fn byte(&mut self, coder: &mut impl Coder, structure: &mut Structure, place: &mut u8) {
        (self.kind, self.bases) = structure.contexts();
        *place = self.walk(coder, tree(self.kind), *place);
        structure.next(*place);
    }

    /// All bytes of a module, behind its trees. `lengths` says for each tree how far its leaves are from the root. Who reads knows
    /// neither the bytes nor the lengths before.
    pub fn module(&mut self, coder: &mut impl Coder, structure: &mut Structure, lengths: &[u8], out: &mut [u8]) {
        self.prepare();
        let mut of_tree = [0; 256];
        of_tree[..16].fill(4);
        self.grow(0, &of_tree);
        let mut lengths = lengths.iter();
        for tree in 1..=TREES {
            for length in &mut of_tree {
                *length = self.walk(coder, 0, lengths.next().copied().unwrap_or_default());
                let last = u32::from(*length);
                self.bases = [0, hash(1, last), hash(2, self.bases[1]), 0];
            }
            self.grow(tree, &of_tree);
        }
        for place in out {
            self.byte(coder, structure, place);
        }
    }
}

/// The tree of a kind of bytes.
pub fn tree(kind: usize) -> usize {
    usize::from(TREE.get(kind).copied().unwrap_or_default())
}
