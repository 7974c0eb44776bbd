// Turns wasm-bindgen's JavaScript (target "bundler") into a factory.
//
// As generated, the glue is a module with state: one instance for a page, made at import. The shell needs more: nothing may
// run at import, and after a trap it starts a second instance. So every statement of the glue moves into a function
// `createGlue(laminaHost)`, whose first parameter is the namespace that the Rust side imports from. What an optimised module no
// longer imports is left out, some functions are written shorter (glue-parts.js), and what only hands its arguments on is no
// function of its own.

import { readFileSync } from "node:fs";
import { parse } from "acorn";

const HOST = "laminaHost";
const START = "__wbindgen_start";
const TABLE = "__wbindgen_init_externref_table";
const PARTS = readFileSync(new URL("glue-parts.js", import.meta.url), "utf8");

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

/** Each statement of a module as `{ node, names, isExported, text }`: `node` is what stays when `export` is taken off. */
function statementsOf(source) {
  const tree = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  for (const node of nodes(tree)) {
    if (node.type === "MetaProperty" && node.meta.name === "import") throw new Error("the glue uses import.meta");
  }
  return tree.body.map((statement) => {
    if (/^(Import|ExportAll|ExportDefault)/.test(statement.type) || statement.source) {
      throw new Error(`the glue has an unexpected ${statement.type}: \`inline_js\` and \`module = …\` are not supported`);
    }
    const isExported = statement.type === "ExportNamedDeclaration";
    const node = isExported ? statement.declaration : statement;
    if (!node) throw new Error("the glue exports a name apart from its declaration");
    const names = (node.declarations ?? [node]).flatMap(({ id }) => (id ? [id.name] : []));
    return { node, names, isExported, text: ({ start, end }) => source.slice(start, end) };
  });
}

/** A function's name without the hash that wasm-bindgen gives to imports. */
const plain = (name) => name.replace(/_[0-9a-f]{16}$/, "");

/** The generated `*_bg.js`, taken apart, with our parts in the place of its own: `statements`, as `statementsOf` gives them. */
export function readGlue(source) {
  const parts = statementsOf(PARTS);
  const ours = new Map(parts.flatMap((part) => part.names.map((name) => [name, part])));
  const statements = [];
  for (const statement of statementsOf(source)) {
    const [name] = statement.names;
    if (name === "__wbg_set_wasm") continue; // `attach` does it
    const part = name && ours.get(plain(name));
    // What no function of the glue has the name of is there for our other parts.
    if (part) parts.splice(parts.indexOf(part), 1);
    statements.push(part ? { ...part, names: [name], isExported: statement.isExported } : statement);
  }
  return { statements: [...statements, ...parts] };
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

/** A statement's text, with the new names of what it reads of the module's exports. */
function renamed({ node, text }, names) {
  let result = text(node);
  const members = [...wasmMembers(node)].sort((a, b) => b.property.start - a.property.start);
  for (const { property, name } of members) {
    const [start, end] = [property.start - node.start, property.end - node.start];
    result = result.slice(0, start) + (names.get(name) ?? name) + result.slice(end);
  }
  return result;
}

/** The expression that a function gives or does, if that is all of it. */
function expressionOf({ body: { body } }) {
  const [first, last] = body;
  if (body.length === 1) return first.type === "ReturnStatement" ? first.argument : first.expression;
  const [kept] = first?.declarations ?? [];
  const isGiven = body.length === 2 && last.type === "ReturnStatement" && last.argument.type === "Identifier" && last.argument.name === kept?.id.name;
  return isGiven ? kept.init : undefined;
}

const isItself = (args, params) => args.join() === params.join();

/** The export of the module, as an expression, to which a function of the crate only hands its arguments on. */
function exportText(statement, names) {
  const { node } = statement;
  const text = (part) => renamed({ ...statement, node: part }, names);
  const given = node.type === "FunctionDeclaration" && expressionOf(node);
  const isCall = given && given.type === "CallExpression" && given.callee.object?.name === "wasm";
  return isCall && isItself(given.arguments.map(text), node.params.map(text)) ? text(given.callee) : undefined;
}

/**
 * A function that the module imports, as an expression: the host's own where nothing is done to its arguments.
 * (`>>> 0` is nothing: what the host gets are the numbers of calls and clients, which stay far below 2³¹.)
 */
function importText(statement, names) {
  const { node } = statement;
  const text = (part) => renamed({ ...statement, node: part }, names);
  const params = node.params.map(text);
  const given = expressionOf(node);
  if (!given) return `(${params}) => ${text(node.body)}`;
  if (given.type !== "CallExpression") return `(${params}) => ${text(given)}`;
  const args = given.arguments.map((arg) => (given.callee.object?.name === HOST ? text(arg).replace(/ >>> 0$/, "") : text(arg)));
  return isItself(args, params) ? text(given.callee) : `(${params}) => ${text(given.callee)}(${args})`;
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
  const statements = live(glue, [...imports, ...exports, "wasm"]);
  const holds = statements.some(({ names: [name] }) => /Externref|heap/i.test(name ?? "") && name !== TABLE);
  if (holds) throw new Error("the module takes values of JavaScript: glue-parts.js leaves the table for them empty");
  /** Functions that are written where they are given away. */
  const inline = new Map(
    statements.flatMap((statement) => {
      const [name] = statement.names;
      const text = imports.includes(name) ? importText(statement, names) : exports.includes(name) ? exportText(statement, names) : undefined;
      return text ? [[name, text]] : [];
    }),
  );
  const body = statements.filter(({ names: [name] }) => !inline.has(name)).map((statement) => renamed(statement, names));
  const list = imports.map((name) => `${JSON.stringify(names.get(name) ?? name)}: ${inline.get(name)}`);
  return `export function createGlue(${HOST}, { TextDecoder, TextEncoder } = globalThis) {
const CONSTANTS_FROM = ${constants.from};
const CONSTANTS_SIZE = ${constants.to - constants.from};
${body.join("\n")}
return {
  imports: { ${JSON.stringify(importModule)}: { ${list.join(", ")} } },
  attach(exports) {
    wasm = exports;
    wasm.${names.get(START) ?? START}();
    return { ${exports.map((name) => `${name}: ${inline.get(name) ?? name}`).join(", ")} };
  },
};
}
`;
}
