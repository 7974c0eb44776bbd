// Reads just as much of the WebAssembly binary format as the build needs: sections, function bodies, function names.

const SECTION = { custom: 0, type: 1, import: 2, function: 3, code: 10, data: 11 };

/** A cursor over bytes that understands LEB128 and length-prefixed names. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  take(length) {
    return this.bytes.subarray(this.at, (this.at += length));
  }

  name() {
    return Buffer.from(this.take(this.u32())).toString("utf8");
  }
}

/** `value` as unsigned LEB128. */
export function u32(value) {
  const out = [];
  do {
    out.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value);
  return out;
}

/** The sections of a module in their order, as `{ id, body }`. */
export function sections(bytes) {
  const reader = new Reader(bytes, 8);
  const list = [];
  while (reader.at < bytes.length) {
    const id = reader.byte();
    list.push({ id, body: reader.take(reader.u32()) });
  }
  return list;
}

/** Where the functions of a module begin and end; the end of the file where there are none, or where it is no module. */
export function functions(bytes) {
  const list = WebAssembly.validate(bytes) ? sections(bytes) : [];
  const code = list.find(({ id }) => id === SECTION.code)?.body ?? bytes.subarray(bytes.length);
  const reader = new Reader(code);
  if (code.length) reader.u32(); // how many they are
  const begin = code.byteOffset - bytes.byteOffset;
  return { begin: begin + reader.at, end: begin + code.length };
}

/** A module made of `sections`. */
export function assemble(list) {
  const parts = [Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])];
  for (const { id, body } of list) parts.push(Buffer.from([id, ...u32(body.length)]), body);
  return Buffer.concat(parts);
}

/** The body of the first section of a kind, or `undefined`. */
export function section(list, kind) {
  return list.find(({ id }) => id === SECTION[kind]);
}

/** How many functions a module imports: they come first in the index space. */
export function importedFunctions(bytes) {
  return WebAssembly.Module.imports(new WebAssembly.Module(bytes)).filter(({ kind }) => kind === "function").length;
}

/** Function names by index, from the custom section `name`. */
export function functionNames(list) {
  const names = new Map();
  for (const { id, body } of list) {
    if (id !== SECTION.custom) continue;
    const reader = new Reader(body);
    if (reader.name() !== "name") continue;
    while (reader.at < body.length) {
      const kind = reader.byte();
      const end = reader.u32() + reader.at;
      for (let count = kind === 1 ? reader.u32() : 0; count > 0; count--) names.set(reader.u32(), reader.name());
      reader.at = end;
    }
  }
  return names;
}

/** The bodies of the code section, each with its locals. */
export function functionBodies(code) {
  const reader = new Reader(code);
  return Array.from({ length: reader.u32() }, () => reader.take(reader.u32()));
}

/** A code section out of function bodies. */
export function codeSection(bodies) {
  return Buffer.concat([Buffer.from(u32(bodies.length)), ...bodies.flatMap((body) => [Buffer.from(u32(body.length)), body])]);
}

/** The active data segments as `{ address, bytes }`; `bytes` are a view into the section, so that they can be written. */
export function dataSegments(data) {
  const I32_CONST = 0x41;
  const reader = new Reader(data);
  return Array.from({ length: reader.u32() }, () => {
    if (reader.u32() !== 0 || reader.byte() !== I32_CONST) throw new Error("a data segment is not active at a constant address");
    const address = reader.u32(); // signed by the format; ours start at 1 MiB and are small
    reader.byte(); // end
    return { address, bytes: reader.take(reader.u32()) };
  });
}

/** Where in a module's memory its data is: constants, in a Rust module that keeps no text in a variable. */
export function constants(bytes) {
  const segments = dataSegments(section(sections(bytes), "data").body);
  const ends = segments.map(({ address, bytes }) => address + bytes.length);
  return { from: Math.min(...segments.map(({ address }) => address)), to: Math.max(...ends) };
}
