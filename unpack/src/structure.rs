//! What each byte of a WebAssembly module is: an instruction, the number of a local, an offset in memory … and what stands before
//! it. Bytes of one kind are alike, and alike bytes follow alike ones: that is how they are foreseen.
//!
//! A module is followed as its bytes come, never ahead. Bytes that are no module are of wrong kinds, and pack worse; nothing more.

/// How many kinds of bytes there are.
pub const KINDS: usize = 13;
/// In front of all functions, behind them, in front of the instructions of one.
const AHEAD: u8 = 0;
const BEHIND: u8 = 1;
const FRONT: u8 = 2;
/// What follows an instruction.
const LOCAL: u8 = 3;
const CONSTANT: u8 = 4;
const OFFSET: u8 = 5;
const CALLEE: u8 = 6;
const OTHER: u8 = 7;
/// An alignment, and then an offset.
const MEMORY: u8 = 8;
/// An instruction: where nothing is to be done with a value, or with a local or what was in memory, a constant, a result.
const STATEMENT: u8 = 9;
const VALUE: u8 = 10;
const AFTER_CONSTANT: u8 = 11;
const AFTER_OPERATION: u8 = 12;
/// What follows an instruction and is of the kind `OTHER`, but more follows it, or it ends in another way.
const LABELS: u8 = 9;
const PREFIXED: u8 = 10;
const FLOAT: u8 = 11;
const NONE: u8 = 12;

/// What follows each instruction, by its number.
const OPERANDS: [u8; 69] = {
    let mut operands = [NONE; 69];
    let mut code = 0;
    while code < operands.len() {
        operands[code] = match code {
            0x02..=0x04 | 0x0c | 0x0d | 0x11 | 0x1c | 0x23..=0x26 | 0x3f | 0x40 => OTHER,
            0x0e => LABELS,
            0x10 => CALLEE,
            0x20..=0x22 => LOCAL,
            0x28..=0x3e => MEMORY,
            0x41 | 0x42 => CONSTANT,
            0x43 | 0x44 => FLOAT,
            _ => NONE,
        };
        code += 1;
    }
    operands
};

/// What the next byte of a function belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The length of the function.
    Size,
    /// The number of groups of locals.
    Groups,
    /// The number of locals in a group.
    Locals,
    /// The type of a group of locals.
    Type,
    /// An instruction, or what follows it.
    Code,
}

/// Follows a module.
#[derive(Debug)]
pub struct Structure {
    part: Part,
    at: u32,
    /// Where the functions begin and end, and where this one ends.
    begin: u32,
    end: u32,
    end_of_this: u32,
    /// How many groups are left.
    groups: u32,
    /// The number that is being read (LEB128), and by how many bits the next digit is moved.
    value: u32,
    shift: u32,
    /// What follows the instruction, and how many of it.
    operand: u8,
    operands: u32,
    /// The instruction, and a hash of it with what followed it until now.
    instruction: u8,
    hash: u32,
    /// The last four whole instructions, a byte each, and the hash of the last one.
    before: u32,
    hash_before: u32,
    /// The kind of the byte, and the last number of each kind.
    kind: u8,
    last: [u32; 16],
}

/// Mixes two numbers to one; its high bits depend on all of theirs.
#[inline(always)]
pub const fn hash(a: u32, b: u32) -> u32 {
    (a.rotate_left(5) ^ b).wrapping_mul(0x9e37_79b1)
}

impl Structure {
    /// At the beginning of a module whose functions are there.
    pub const fn new(begin: u32, end: u32) -> Self {
        Self {
            part: Part::Size,
            at: 0,
            begin,
            end,
            end_of_this: 0,
            groups: 0,
            value: 0,
            shift: 0,
            operand: NONE,
            operands: 0,
            instruction: 0,
            hash: 0,
            before: 0,
            hash_before: 0,
            kind: AHEAD,
            last: [0; 16],
        }
    }

    /// The kind of the next byte, and what it is going to be foreseen by: its place in the instruction, and with that the whole
    /// instruction before, the two instructions before and the last number of this kind, and the four instructions before.
    pub fn contexts(&mut self) -> (usize, [u32; 4]) {
        let place;
        (self.kind, place) = if self.at < self.begin {
            (AHEAD, 0)
        } else if self.at >= self.end {
            (BEHIND, 0)
        } else if self.part != Part::Code {
            (FRONT, hash(self.part as u32 + self.shift * 8, self.value))
        } else if self.operands > 0 {
            let place = hash(u32::from(self.operand) + self.shift * 16, self.value.wrapping_add(self.operands));
            (if self.operand > MEMORY { OTHER } else { self.operand }, hash(place, u32::from(self.instruction)))
        } else {
            let kind = match self.before as u8 {
                0..=0x1f | 0x21 | 0x36..=0x3e => STATEMENT,
                0x20..=0x40 => VALUE,
                0x41 => AFTER_CONSTANT,
                _ => AFTER_OPERATION,
            };
            (kind, 0)
        };
        let place = hash(place.wrapping_add(1), u32::from(self.kind));
        let contexts = [
            place,
            hash(place.wrapping_add(1), self.hash_before),
            hash(hash(place.wrapping_add(2), self.before & 0xffff), self.last[usize::from(self.kind & 15)]),
            hash(place.wrapping_add(3), self.before),
        ];
        (usize::from(self.kind), contexts)
    }

    fn instruction(&mut self, code: u8) {
        self.operand = match code {
            0xfc => PREFIXED,
            _ => OPERANDS.get(usize::from(code)).copied().unwrap_or(NONE),
        };
        self.operands = match code {
            _ if self.operand == NONE => 0,
            0x11 | 0x1c => 2,
            0x43 => 4,
            0x44 => 8,
            _ => 1,
        };
        self.instruction = code;
        self.hash = u32::from(code);
    }

    fn operand(&mut self, value: u32) {
        self.hash = hash(self.hash, value.wrapping_add(self.operands));
        self.operands -= 1;
        match self.operand {
            MEMORY => (self.operand, self.operands) = (OFFSET, 1),
            LABELS => (self.operand, self.operands) = (OTHER, value.wrapping_add(1)),
            // Conversions have nothing, filling memory has one more, copying it two.
            PREFIXED => (self.operand, self.operands) = (OTHER, if value < 8 { 0 } else { 2 - (value & 1) }),
            _ => {}
        }
    }

    /// An instruction is over.
    fn end_instruction(&mut self, code: u8, hash: u32) {
        self.before = self.before << 8 | u32::from(code);
        self.hash_before = hash;
    }

    /// Goes on by one byte.
    pub fn next(&mut self, byte: u8) {
        let is_outside = self.at < self.begin || self.at >= self.end;
        self.at = self.at.wrapping_add(1);
        if is_outside {
            self.end_instruction(byte, u32::from(byte));
            return;
        }
        let part = self.part;
        let is_operand = part == Part::Code && self.operands > 0;
        if is_operand || !matches!(part, Part::Type | Part::Code) {
            self.value |= u32::from(byte & 127).wrapping_shl(self.shift);
            self.shift += 7;
            if byte > 127 && !(is_operand && self.operand == FLOAT) {
                return;
            }
        }
        self.shift = 0;
        let value = core::mem::take(&mut self.value);
        self.part = match part {
            Part::Size => {
                self.end_of_this = value.wrapping_add(self.at);
                Part::Groups
            }
            Part::Locals => Part::Type,
            Part::Groups | Part::Type => {
                self.groups = if part == Part::Groups { value } else { self.groups.wrapping_sub(1) };
                if self.groups > 0 {
                    Part::Locals
                } else {
                    (self.before, self.hash_before) = (0, 0);
                    Part::Code
                }
            }
            Part::Code => {
                if is_operand {
                    self.operand(value);
                } else {
                    self.instruction(byte);
                }
                if is_operand {
                    self.last[usize::from(self.kind & 15)] = value;
                }
                if self.operands == 0 {
                    self.end_instruction(self.instruction, self.hash);
                }
                if self.at == self.end_of_this && self.operands == 0 {
                    Part::Size
                } else {
                    part
                }
            }
        };
    }
}
