import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readSource, walk } from "./source.mjs";

/** Plugins introduce themselves. What core, daemon and command line know of one stands in its manifest. */
const MAY_NAME = new Map([
  ["packages/daemon/src/builtin.ts", "the list of built-in plugins"],
  ["packages/cli/src/output/plugin-words.ts", "generated from the manifests"],
  ["packages/cli/src/output/leave-keys.ts", "the tmux that the user sits in, whatever the runtime"],
]);

/** Words with a meaning of their own. A list of names is recognised all the same. */
const ORDINARY = new Set(["command", "process", "local", "clone", "worktree", "desktop", "webhook", "web"]);

/** Names of plugins, their programs, hosts and token variables, from `plugins/<slot>-<tool>/src/manifest.ts`. */
export function pluginNames(root) {
  const names = new Set();
  for (const folder of readdirSync(join(root, "plugins")).sort()) {
    const file = `plugins/${folder}/src/manifest.ts`;
    if (!existsSync(join(root, file))) continue;
    walk(readSource(root, file).program, (node) => {
      if (node.type !== "Property") return;
      const key = node.key.name ?? node.key.value;
      if (key === "name") names.add(node.value.value);
      if (key === "hosts" || key === "tokenVariables") for (const item of node.value.elements) names.add(item.value);
    });
  }
  return names;
}

export function checkPluginNames(source, names) {
  if (!source.file.startsWith("packages/") || MAY_NAME.has(source.file)) return [];
  const problems = [];
  const report = (node, name) =>
    problems.push({
      line: source.lineOf(node.start),
      rule: "plugin-name",
      text: `${name} belongs in its plugin's manifest`,
    });
  const isName = (node) => node?.type === "Literal" && names.has(node.value);
  walk(source.program, (node) => {
    if (isName(node) && !ORDINARY.has(node.value)) report(node, node.value);
    if (node.type === "Property" && node.key.type === "Identifier" && !node.computed) {
      if (names.has(node.key.name) && !ORDINARY.has(node.key.name)) report(node, node.key.name);
    }
    if (node.type === "ArrayExpression" && node.elements.length > 1 && node.elements.every(isName)) {
      const ordinary = node.elements.find((element) => ORDINARY.has(element.value));
      if (ordinary !== undefined) report(node, ordinary.value);
    }
  });
  return problems;
}
