//! What each byte of a WebAssembly module is: an instruction, the number of a local, an offset in memory … Bytes of one kind are
//! more alike than neighbours are, so that they are packed kind by kind, as streams; here they are put together again.
//!
//! A module is followed as its bytes come, never ahead. Bytes that are no module are of wrong kinds, and pack worse; nothing more.

/// How many streams there are.
pub const STREAMS: usize = 7;
/// How much longer than the module its streams are. In front of them stands where its functions begin and end, and where each
/// stream begins, in four bytes each.
pub const HEAD: usize = (2 + STREAMS) * 4;

/// What follows an instruction, in the order of the streams; what is short is packed best beside the instruction.
const FLOAT: u8 = 0;
const CALLEE: u8 = 1;
const OFFSET: u8 = 2;
const CONSTANT: u8 = 3;
const PLAIN: u8 = 4;
const LOCAL: u8 = 5;
const INSTRUCTION: u8 = 6;
const OTHER: u8 = 7;
const LABELS: u8 = 8;
const PREFIXED: u8 = 9;
/// An alignment, and then an offset.
const MEMORY: u8 = 10;
const NONE: u8 = 11;

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
    /// The type of a group of locals.
    Type,
    /// The length of the function.
    Size,
    /// The number of groups of locals.
    Groups,
    /// The number of locals in a group.
    Locals,
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
            operand: 0,
            operands: 0,
        }
    }

    /// In which stream the next byte is.
    pub fn stream(&self) -> usize {
        usize::from(match self.operand {
            _ if self.part != Part::Code => PLAIN,
            operand if self.operands > 0 => operand.min(INSTRUCTION),
            _ => INSTRUCTION,
        })
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
    }

    fn operand(&mut self, value: u32) {
        self.operands -= 1;
        match self.operand {
            MEMORY => (self.operand, self.operands) = (OFFSET, 1),
            LABELS => (self.operand, self.operands) = (OTHER, value.wrapping_add(1)),
            // Conversions have nothing, filling memory has one more, copying it two.
            PREFIXED => (self.operand, self.operands) = (OTHER, if value < 8 { 0 } else { 2 - (value & 1) }),
            _ => {}
        }
    }

    /// Goes on by one byte.
    pub fn next(&mut self, byte: u8) {
        self.at = self.at.wrapping_add(1);
        if self.at <= self.begin || self.at > self.end {
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
                    Part::Code
                }
            }
            Part::Code => {
                if is_operand {
                    self.operand(value);
                } else {
                    self.instruction(byte);
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

/// Makes a module of its streams: `out`, of the `mixed` that are so much longer.
pub fn join(mixed: &[u8], out: &mut [u8]) {
    let mut numbers = [0_usize; 2 + STREAMS];
    for (number, bytes) in numbers.iter_mut().zip(mixed.chunks_exact(4)) {
        *number = bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte));
    }
    let [begin, end, starts @ ..] = &mut numbers;
    let mut structure = Structure::new(*begin as u32, *end as u32);
    for place in out {
        if let Some(start) = starts.get_mut(structure.stream()) {
            *place = mixed.get(*start).copied().unwrap_or_default();
            *start = start.wrapping_add(1);
        }
        structure.next(*place);
    }
}
