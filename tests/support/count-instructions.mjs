// A module that counts the instructions that it executes. The count is of the very bytes that are published, and the same on
// every machine; what an engine makes of them is not in it, nor what runs in JavaScript.
//
// At the head of each straight run of instructions, their number is added to a global, which is exported as `instructions`.

import { assemble, codeSection, functionBodies, Reader, sections, u32 } from "../../scripts/build/wasm-file.mjs";

const SECTION = { import: 2, global: 6, export: 7, code: 10 };
const GLOBAL = 3;
const I64 = 0x7e;
const OP = { unreachable: 0x00, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f };
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;
const I64_CONST = 0x42;
const I64_ADD = 0x7c;

/** After these a new run begins: somebody may jump to there, or not come so far. */
const ENDS_A_RUN = new Set([OP.loop, OP.if, OP.else, OP.end, OP.br, OP.brIf, OP.brTable, OP.return, OP.unreachable]);

/** How many LEB128 numbers follow the instructions after the prefix 0xfc. */
const PREFIXED = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

/** How many LEB128 numbers follow an instruction. */
function numbers(code) {
  if (code >= OP.block && code <= OP.if) return 1;
  if (code === OP.br || code === OP.brIf) return 1;
  if (code === 0x10 || code === 0x12) return 1; // call, return_call
  if (code === 0x11 || code === 0x13) return 2; // through a table
  if (code >= 0x20 && code <= 0x26) return 1; // locals, globals, tables
  if (code >= 0x28 && code <= 0x3e) return 2; // loads and stores: alignment, offset
  if (code === 0x3f || code === 0x40) return 1; // the memory's size
  if (code === 0x41 || code === I64_CONST) return 1;
  if (code === 0xd0 || code === 0xd2) return 1; // references
  const plain = code <= 0x01 || code === OP.else || code === OP.end || code === OP.return || code === 0x1a || code === 0x1b || (code >= 0x45 && code <= 0xc4) || code === 0xd1;
  if (!plain) throw new Error(`an instruction that this does not know: 0x${code.toString(16)}`);
  return 0;
}

function skipNumber(reader) {
  while (reader.byte() >= 0x80);
}

/** Moves a reader behind one instruction; answers its code. */
function step(reader) {
  const code = reader.byte();
  if (code === OP.brTable) for (let count = reader.u32() + 1; count > 0; count--) skipNumber(reader);
  else if (code === 0x1c) reader.take(reader.u32()); // select with types
  else if (code === 0x43) reader.take(4);
  else if (code === 0x44) reader.take(8);
  else if (code === 0xfc) {
    const after = PREFIXED[reader.u32()];
    if (after === undefined) throw new Error("an instruction after 0xfc that this does not know");
    for (let count = after; count > 0; count--) skipNumber(reader);
  } else for (let count = numbers(code); count > 0; count--) skipNumber(reader);
  return code;
}

/** As signed LEB128. */
const signed = (value) => {
  const out = u32(value);
  if (out.at(-1) & 0x40) out.splice(-1, 1, out.at(-1) | 0x80, 0); // the last byte's bit 6 is the sign
  return out;
};

/** Instructions that add `count` to the global number `index`. */
const addition = (index, count) => Buffer.from([GLOBAL_GET, ...u32(index), I64_CONST, ...signed(count), I64_ADD, GLOBAL_SET, ...u32(index)]);

function counted(body, index) {
  const reader = new Reader(body);
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.u32();
    reader.byte();
  }
  const parts = [body.subarray(0, reader.at)];
  while (reader.at < body.length) {
    const from = reader.at;
    let count = 1;
    while (!ENDS_A_RUN.has(step(reader))) count++;
    parts.push(addition(index, count), body.subarray(from, reader.at));
  }
  return Buffer.concat(parts);
}

/** A section whose vector has one item more. */
function appended(body, item) {
  const reader = new Reader(body);
  const count = reader.u32();
  return Buffer.concat([Buffer.from(u32(count + 1)), body.subarray(reader.at), Buffer.from(item)]);
}

/**
 * @param {Uint8Array} wasm
 * @returns {Buffer} the same module, with `instructions` among its exports: a global BigInt
 */
export function countInstructions(wasm) {
  const list = sections(Buffer.from(wasm));
  const bodyOf = (id) => list.find((section) => section.id === id)?.body;
  const imported = WebAssembly.Module.imports(new WebAssembly.Module(wasm)).filter(({ kind }) => kind === "global").length;
  const index = imported + new Reader(bodyOf(SECTION.global)).u32();
  const name = "instructions";
  const change = {
    [SECTION.global]: (body) => appended(body, [I64, 1, I64_CONST, 0, OP.end]),
    [SECTION.export]: (body) => appended(body, [name.length, ...Buffer.from(name), GLOBAL, ...u32(index)]),
    [SECTION.code]: (body) => codeSection(functionBodies(body).map((code) => counted(code, index))),
  };
  return assemble(list.map(({ id, body }) => ({ id, body: change[id]?.(body) ?? body })));
}
