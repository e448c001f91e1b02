import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync, visitorKeys } from "oxc-parser";

/** One parsed file: its tree, its imports, and the line of any offset. */
export function readSource(root, file) {
  const text = readFileSync(join(root, file), "utf8");
  const { program, module, errors } = parseSync(file, text);
  const lineOf = lineFinder(text);
  return { file, text, program, errors, lineOf, imports: importsOf(module, { file, lineOf, text }) };
}

function lineFinder(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/** Static and dynamic imports and re-exports, each resolved to a file of the repository, `node:…` or a package name. */
function importsOf(module, { file, lineOf, text }) {
  const found = [];
  const add = (specifier, start, isTypeOnly) =>
    found.push({ specifier, target: resolve(specifier, file), line: lineOf(start), isTypeOnly });
  for (const item of module.staticImports) {
    add(item.moduleRequest.value, item.start, item.entries.length > 0 && item.entries.every((entry) => entry.isType));
  }
  for (const item of module.staticExports) {
    for (const entry of item.entries) {
      if (entry.moduleRequest) add(entry.moduleRequest.value, item.start, entry.isType);
    }
  }
  for (const item of module.dynamicImports) {
    const words = text.slice(item.moduleRequest.start, item.moduleRequest.end);
    const literal = /^(["'])([^"']+)\1$/.exec(words);
    if (literal) add(literal[2], item.start, false);
  }
  return found;
}

function resolve(specifier, file) {
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  const own = /^@agent-orchestrator\/([^/]+)(?:\/(.+))?$/.exec(specifier);
  if (!own) return packageName(specifier);
  const folder = PACKAGES.has(own[1]) ? `packages/${own[1]}` : `plugins/${own[1]}`;
  return `${folder}/src/${own[2] ?? "index"}.ts`;
}

const PACKAGES = new Set(["core", "plugin-kit", "agent-kit", "testkit", "daemon", "cli", "web"]);

function packageName(specifier) {
  if (specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Every node of the tree, parents first. */
export function walk(node, visit, parent = null) {
  visit(node, parent);
  for (const key of visitorKeys[node.type] ?? []) {
    const child = node[key];
    if (Array.isArray(child)) {
      for (const item of child) if (item) walk(item, visit, node);
    } else if (child) walk(child, visit, node);
  }
}
