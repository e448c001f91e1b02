import { createHash } from "node:crypto";
import { hasPlaceholder, isSecretKey, timingOf, variablesIn } from "./interpolate.ts";
import { isMap, merge, type Tree } from "./layers.ts";
import type { Layer } from "./read.ts";
import type { Path } from "./yaml-tree.ts";

/**
 * The parts of a config that run, load, link, copy or connect. Exactly these are pinned. `*` is any key. A change to anything
 * else keeps the trust.
 */
export const PINNED: readonly string[] = [
  "plugins",
  "defaults.runtime",
  "defaults.agent",
  "defaults.workspace",
  "defaults.tracker",
  "defaults.scm",
  "defaults.terminal",
  "agents",
  "notifiers",
  "projects.*.repo",
  "projects.*.path",
  "projects.*.runtime",
  "projects.*.agent",
  "projects.*.workspace",
  "projects.*.tracker",
  "projects.*.scm",
  "projects.*.terminal",
  "projects.*.agentConfig",
  "projects.*.agentRulesFile",
  "projects.*.symlinks",
  "projects.*.copy",
  "projects.*.postCreate",
  "projects.*.preDestroy",
  "projects.*.cwd",
  "projects.*.worktreeDir",
];

/** Below those, keys that only say how much or how long. */
export const NOT_PINNED: readonly string[] = [
  "projects.*.scm.requiredReviews",
  "projects.*.scm.openPr",
  "projects.*.scm.mergeMethod",
  "projects.*.agentConfig.model",
  "projects.*.agentConfig.quietMs",
  "agents.*.model",
  "agents.*.quietMs",
];

const SLOTS = new Set(["runtime", "agent", "workspace", "tracker", "scm", "terminal"]);

/** The pinned parts as text, one line each, in an order that does not depend on the file's. It never has empty lines. */
export function trustText(layers: readonly Pick<Layer, "tree">[]): string {
  const trees = layers.map(({ tree }) => (isMap(tree.value) ? withSlotMaps(tree.value) : {}));
  const merged = trees.reduce((under, over) => merge(under, over), {} as Tree);
  const variables = variablesIn(textOf(merged, []));
  const lines = leaves(merged, []).filter(({ path }) => isPinned(path));
  const text = lines.map(({ path, value }) => `${keyText(path)}: ${valueText(path, value)}`);
  return [...text, ...(variables.length === 0 ? [] : [`environment: ${variables.join(" ")}`])].join("\n");
}

export const pinOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The removed (`- `) and added (`+ `) lines, each kind in order. */
export function diffTrust(oldText: string, newText: string): string[] {
  const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");
  const before = linesOf(oldText);
  const after = linesOf(newText);
  const [was, is] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !is.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !was.has(line)).map((line) => `+ ${line}`),
  ];
}

/** `agent: codex` and `agent: {plugin: codex}` mean the same. */
function withSlotMaps(tree: Tree): Tree {
  const projects = isMap(tree.projects) ? tree.projects : {};
  const mapped = Object.entries(projects).map(([id, project]) => {
    if (!isMap(project)) return [id, project];
    const entries = Object.entries(project);
    return [
      id,
      Object.fromEntries(entries.map(([k, v]) => [k, SLOTS.has(k) && typeof v === "string" ? { plugin: v } : v])),
    ];
  });
  return { ...tree, projects: Object.fromEntries(mapped) };
}

function matches(pattern: string, path: Path): boolean {
  const parts = pattern.split(".");
  return parts.length <= path.length && parts.every((part, index) => part === "*" || part === String(path[index]));
}

function isPinned(path: Path): boolean {
  return PINNED.some((pattern) => matches(pattern, path)) && !NOT_PINNED.some((pattern) => matches(pattern, path));
}

interface Leaf {
  path: Path;
  value: unknown;
}

/** Keys are sorted, and lists keep their order. An empty list or map is a leaf as well. */
function leaves(value: unknown, path: Path): Leaf[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item, index) => leaves(item, [...path, index]));
  if (!isMap(value) || Object.keys(value).length === 0) return [{ path, value }];
  const keys = Object.keys(value).sort();
  return keys.flatMap((key) => leaves(value[key], [...path, key]));
}

/** Everything except shell lines and texts for agents, whose `${…}` are not ours. */
function textOf(value: unknown, path: Path): unknown {
  return leaves(value, path)
    .filter((leaf) => timingOf(leaf.path) !== "verbatim")
    .map((leaf) => leaf.value);
}

function keyText(path: Path): string {
  return path.map((key) => (/^[\w-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key)))).join(".");
}

/** As JSON, so that no value can look like another line. A literal secret is shown only by its digest. */
function valueText(path: Path, value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isSecret = path.some((key) => isSecretKey(String(key))) && !hasPlaceholder(value);
  const shown = isSecret
    ? digest(value)
    : value.replace(/\/\/([^/@\s]*:[^/@\s]+)@/g, (_, who: string) => `//${digest(who)}@`);
  return escapeInvisible(JSON.stringify(shown));
}

const digest = (secret: string): string => `sha256:${createHash("sha256").update(secret).digest("hex").slice(0, 16)}`;

/** Spells out invisible characters, because users must be able to read what they trust. */
function escapeInvisible(text: string): string {
  return text.replace(
    /[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u058f\u1e00-\u1fff\u3040-\u9fff\uac00-\ud7a3]/g,
    (char) => `\\u${(char.charCodeAt(0) & 0xffff).toString(16).padStart(4, "0")}`,
  );
}
