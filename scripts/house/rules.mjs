import { isAllowed, ruleFor, within } from "./import-table.mjs";
import { walk } from "./source.mjs";

/** Where the clock, ids, environment and console may be used directly. */
const HOST = [
  "packages/core/src/host",
  "packages/cli/src/output",
  "packages/cli/src/entry.ts",
  "packages/web/src/world.ts",
];
/** Where files may be written. A plugin writes in the folders it was given. */
const WRITERS = [
  "packages/core/src/store",
  "packages/core/src/host",
  "packages/cli/src",
  "packages/daemon/src",
  "packages/plugin-kit/src",
  "packages/agent-kit/src",
  "plugins",
];

/** Where requests over the network are made. */
const NETWORK = [
  "packages/plugin-kit/src/http",
  "plugins/agent-opencode/src/server/server.ts", // The agent's own server on this machine, which also streams.
  "packages/web/src/connect", // The page asks the daemon that serves it.
];

const isIn = (file, folders) => folders.some((folder) => within(file, folder));
const PROGRAM_ENTRY = /-entry\.ts$|^packages\/daemon\/src\/main\.ts$/;

export function checkImports(source) {
  const rule = ruleFor(source.file);
  if (!rule) return [];
  const problems = [];
  for (const found of source.imports) {
    const { specifier, target, line } = found;
    if (specifier.startsWith(".") && !/\.(tsx?|json|css)$/.test(specifier)) {
      problems.push({ line, rule: "import-extension", text: `${specifier} does not end in .ts` });
    }
    if (!isAllowed(rule, found)) {
      problems.push({ line, rule: "import-table", text: `${rule.from} may not import ${target}` });
    }
  }
  return problems;
}

const memberName = (node) =>
  node.type === "MemberExpression" && node.object.type === "Identifier" && !node.computed
    ? `${node.object.name}.${node.property.name}`
    : node.type === "Identifier"
      ? node.name
      : "";

/** Direct uses of the world that should go through `host`. */
function directWorld(node) {
  if (node.type === "NewExpression" && memberName(node.callee) === "Date" && node.arguments.length === 0)
    return "new Date()";
  if (node.type === "MemberExpression") {
    const name = memberName(node);
    if (["Date.now", "Math.random", "process.env", "performance.now"].includes(name)) return name;
    if (/^console\./.test(name)) return name;
    if (/^crypto\.(random|getRandom)/.test(name)) return name;
  }
  if (node.type === "CallExpression") {
    const name = memberName(node.callee);
    if (["randomUUID", "randomBytes", "randomInt"].includes(name)) return name;
  }
  return null;
}

const WRITES = /^(write|append|rename|truncate|ftruncate|createWriteStream|copyFile|cp$|cpSync$)/;

export function checkCalls(source) {
  const problems = [];
  const report = (node, rule, text) => problems.push({ line: source.lineOf(node.start), rule, text });
  const isHost = isIn(source.file, HOST) || PROGRAM_ENTRY.test(source.file);
  const fsNames = namesFrom(source, /^(node:)?fs(\/promises)?$/);
  const childNames = namesFrom(source, /^(node:)?child_process$/);
  walk(source.program, (node) => {
    const world = isHost ? null : directWorld(node);
    if (world) report(node, "injected-world", `${world} outside host`);
    if (node.type === "CallExpression") {
      checkCall(node, { source, report, fsNames, childNames });
    }
    if (node.type === "Property" && node.key.name === "shell" && node.value.value === true) {
      report(node, "no-shell", "shell: true");
    }
    if (node.type === "ImportDeclaration" && within(source.file, "packages/core/src/decide")) {
      if (node.source.value.startsWith("node:")) report(node, "pure-decide", `decide imports ${node.source.value}`);
    }
  });
  return problems;
}

function checkCall(node, { source, report, fsNames, childNames }) {
  const name = memberName(node.callee);
  const last = name.split(".").at(-1);
  const owner = name.includes(".") ? name.split(".")[0] : null;
  if (last === "setInterval") report(node, "no-interval", "setInterval: work, then sleep");
  if (name === "fetch" && !isIn(source.file, NETWORK)) report(node, "network", "fetch() outside plugin-kit/http");
  const isChild = owner ? childNames.has(owner) : childNames.has(name);
  if (isChild && (last === "exec" || last === "execSync")) report(node, "no-shell", `${last}() runs a shell`);
  const isFs = owner ? fsNames.has(owner) : fsNames.has(name);
  if (isFs && WRITES.test(last) && !isIn(source.file, WRITERS))
    report(node, "single-writer", `${last}() outside store and host`);
}

/** Local names that a file imports from a module. */
function namesFrom(source, module) {
  const names = new Set();
  for (const node of source.program.body) {
    if (node.type !== "ImportDeclaration" || !module.test(node.source.value)) continue;
    for (const specifier of node.specifiers) names.add(specifier.local.name);
  }
  return names;
}
