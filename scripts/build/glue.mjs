// Turns wasm-bindgen's JavaScript (target "bundler") into a factory.
//
// As generated, the glue is a module with state: one instance for a page, made at import. The shell needs more: nothing may
// run at import, and after a trap it starts a second instance. So every statement of the glue moves into a function
// `createGlue(laminaHost)`, whose first parameter is the namespace that the Rust side imports from. What an optimised module no
// longer imports is left out.

import { parse } from "acorn";

const HOST = "laminaHost";
const START = "__wbindgen_start";
const READ_TEXT = "getStringFromWasm0";

/** Every node of a syntax tree. */
function* nodes(node) {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child.type === "string") yield* nodes(child);
    }
  }
}

/** `{ property, name }` of each `wasm.name` in a tree. */
function* wasmMembers(tree) {
  for (const node of nodes(tree)) {
    if (node.type !== "MemberExpression" || node.object.type !== "Identifier" || node.object.name !== "wasm") continue;
    if (node.computed) throw new Error("the glue reads a computed export of the module");
    yield { property: node.property, name: node.property.name };
  }
}

/**
 * The generated `*_bg.js`, taken apart: `statements` as `{ node, names, isExported }`, where `node` is what stays when
 * `export` is taken off and `names` are those it binds.
 */
export function readGlue(source) {
  const tree = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  const statements = [];
  for (const statement of tree.body) {
    if (/^(Import|ExportAll|ExportDefault)/.test(statement.type) || statement.source) {
      throw new Error(`the glue has an unexpected ${statement.type}: \`inline_js\` and \`module = …\` are not supported`);
    }
    const isExported = statement.type === "ExportNamedDeclaration";
    const node = isExported ? statement.declaration : statement;
    if (!node) throw new Error("the glue exports a name apart from its declaration");
    const names = (node.declarations ?? [node]).flatMap(({ id }) => (id ? [id.name] : []));
    if (names[0] === "__wbg_set_wasm") continue; // `attach` does it
    statements.push({ node, names, isExported });
  }
  for (const node of nodes(tree)) {
    if (node.type === "MetaProperty" && node.meta.name === "import") throw new Error("the glue uses import.meta");
  }
  return { source, statements };
}

/** The statements that are needed for the functions `roots`, in their order. */
function live({ statements }, roots) {
  const home = new Map(statements.flatMap((statement) => statement.names.map((name) => [name, statement])));
  const mentioned = ({ node }) =>
    [...nodes(node)].flatMap((part) => (part.type === "Identifier" && home.has(part.name) ? [home.get(part.name)] : []));
  const found = new Set();
  const visit = (statement) => {
    if (found.has(statement)) return;
    found.add(statement);
    mentioned(statement).forEach(visit);
  };
  for (const name of roots) {
    if (!home.has(name)) throw new Error(`the glue lacks ${name}`);
    visit(home.get(name));
  }
  // A bare statement (a polyfill, a warm-up) is needed when what it works on is.
  for (const statement of statements) {
    if (statement.names.length === 0 && mentioned(statement).some((other) => found.has(other))) visit(statement);
  }
  return statements.filter((statement) => found.has(statement));
}

/** The functions that the package's shell calls: all exports but those made for the module's imports. */
const offered = ({ statements }, allImports) =>
  statements.flatMap(({ names, isExported }) => (isExported ? names.filter((name) => !allImports.has(name)) : []));

/**
 * Which exports of the module the glue needs.
 * @param {ReturnType<typeof readGlue>} glue
 * @param {string[]} allImports what the module imported when the glue was made
 * @param {string[]} imports what it imports now
 */
export function neededExports(glue, allImports, imports) {
  const statements = live(glue, [...imports, ...offered(glue, new Set(allImports)), "wasm"]);
  return new Set([START, ...statements.flatMap(({ node }) => [...wasmMembers(node)].map(({ name }) => name))]);
}

/**
 * The function that reads a text out of the module's memory, so that it decodes each constant (a member's name, a message) once
 * and not on every call.
 */
function rememberConstants(text, { from, to }) {
  return `${text.replace(READ_TEXT, "readText")}
const constantTexts = new Map();
function ${READ_TEXT}(ptr, len) {
  ptr >>>= 0;
  if (ptr < ${from} || ptr >= ${to}) return readText(ptr, len);
  const key = ptr * 65536 + len;
  let text = constantTexts.get(key);
  if (text === undefined) constantTexts.set(key, (text = readText(ptr, len)));
  return text;
}`;
}

/**
 * The ES module that exports `createGlue`.
 * @param {ReturnType<typeof readGlue>} glue
 * @param {object} module
 * @param {string[]} module.allImports what the module imported when the glue was made
 * @param {string[]} module.imports what it imports now, by the same names
 * @param {Map<string, string>} module.names new names of imports and exports
 * @param {string} module.importModule the name of the module that they are imported from
 * @param {{ from: number, to: number }} module.constants where in its memory the texts are that never change
 */
export function glueFactory(glue, { allImports, imports, names, importModule, constants }) {
  const exports = offered(glue, new Set(allImports));
  const body = live(glue, [...imports, ...exports, "wasm"]).map(({ node, names: [declared] }) => {
    let text = glue.source.slice(node.start, node.end);
    const members = [...wasmMembers(node)].sort((a, b) => b.property.start - a.property.start);
    for (const { property, name } of members) {
      const [start, end] = [property.start - node.start, property.end - node.start];
      text = text.slice(0, start) + (names.get(name) ?? name) + text.slice(end);
    }
    return declared === READ_TEXT ? rememberConstants(text, constants) : text;
  });
  const wanted = imports.map((name) => `${JSON.stringify(names.get(name) ?? name)}: ${name}`);
  return `export function createGlue(${HOST}, { TextDecoder, TextEncoder } = globalThis) {
${body.join("\n")}
return {
  imports: { ${JSON.stringify(importModule)}: { ${wanted.join(", ")} } },
  exports: { ${exports.join(", ")} },
  attach(exports) {
    wasm = exports;
    wasm.${names.get(START) ?? START}();
  },
};
}
`;
}
