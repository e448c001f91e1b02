import { createHash } from "node:crypto";
import { hasPlaceholder, isSecretKey, timingOf, variablesIn } from "./interpolate.ts";
import { isMap, merge, type Tree } from "./layers.ts";
import type { Layer } from "./read.ts";
import { classOf, isContainer } from "./trust-keys.ts";
import type { Path } from "./yaml-tree.ts";

const SLOTS = new Set(["runtime", "agent", "workspace", "tracker", "scm", "terminal"]);

/**
 * Everything in a config that needs trust, as text: one line each, in an order that does not depend on the file's. It never has empty
 * lines. Keys of the class `free` are not in it.
 */
export function trustText(layers: readonly Pick<Layer, "tree">[]): string {
  const trees = layers.map(({ tree }) => (isMap(tree.value) ? withSlotMaps(tree.value) : {}));
  const merged = withBounds(trees.reduce((under, over) => merge(under, over), {} as Tree));
  const variables = variablesIn(textOf(merged, []));
  const text = leaves(merged, []).flatMap(({ path, value }) => {
    if (classOf(path) === "free" || ((value === null || isMap(value)) && isContainer(path))) return [];
    return [`${keyText(path)}: ${valueText(path, value)}`];
  });
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
    return [id, Object.fromEntries(entries.map(([k, v]) => [k, asSlotMap(k, v)]))];
  });
  return { ...tree, projects: Object.fromEntries(mapped) };
}

function asSlotMap(key: string, value: unknown): unknown {
  if (key === "trackers" && Array.isArray(value)) return value.map((one) => asSlotMap("tracker", one));
  return SLOTS.has(key) && typeof value === "string" ? { plugin: value } : value;
}

/** `maxCostUsd: 5` and `maxCostUsd: {session: 5}` mean the same. */
function withBounds(tree: Tree): Tree {
  if (!isMap(tree.limits)) return tree;
  const limits = Object.entries(tree.limits).map(([key, value]) => [
    key,
    (key === "maxCostUsd" || key === "maxTokens") && typeof value === "number" ? { session: value } : value,
  ]);
  return { ...tree, limits: Object.fromEntries(limits) };
}

interface Leaf {
  path: Path;
  value: unknown;
}

/** Keys are sorted, and lists keep their order. An empty list or map is a leaf as well, and so is a list that may become stricter. */
function leaves(value: unknown, path: Path): Leaf[] {
  if (Array.isArray(value) && typeof classOf(path) !== "string") return [{ path, value }];
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

/** Text in quotes, with everything invisible spelled out. */
export const quoted = (text: string): string => escapeInvisible(JSON.stringify(text));

function keyText(path: Path): string {
  return path.map((key) => (/^[\w-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key)))).join(".");
}

/** As JSON, so that no value can look like another line. A literal secret is shown only by its digest. */
function valueText(path: Path, value: unknown): string {
  if (typeof value !== "string") return escapeInvisible(JSON.stringify(value));
  const isSecret = (path.some((key) => isSecretKey(String(key))) || isNotifierHeader(path)) && !hasPlaceholder(value);
  if (isSecret) return quoted(digest(value));
  const shown = isNotifierAddress(path) && !hasPlaceholder(value) ? withoutPath(value) : value;
  return quoted(shown.replace(/\/\/([^/@\s]*:[^/@\s]+)@/g, (_, who: string) => `//${digest(who)}@`));
}

/** Whoever knows the address of a webhook can write to you. */
const isNotifierAddress = (path: Path): boolean => path[0] === "notifiers" && path[2] === "url";

const isNotifierHeader = (path: Path): boolean => path[0] === "notifiers" && path[2] === "headers";

/** Too short to be a secret. */
const SHORT_PATH = 8;

/** An address whose host can be read, because it says where things are sent, and whose path is a digest. */
function withoutPath(address: string): string {
  const [, start = "", rest = ""] = /^(\w+:\/\/[^/?#]*)(.*)$/s.exec(address) ?? [];
  return start === "" || rest.length < SHORT_PATH ? address : `${start}/${digest(rest)}`;
}

/** Whether a secret that is written out in the config is in this text, as its digest. */
export const hasSecretDigest = (text: string): boolean => /sha256:[0-9a-f]{16}(?![0-9a-f])/.test(text);

const digest = (secret: string): string => `sha256:${createHash("sha256").update(secret).digest("hex").slice(0, 16)}`;

/** Spells out invisible characters, because users must be able to read what they trust. */
function escapeInvisible(text: string): string {
  return text.replace(
    /[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u058f\u1e00-\u1fff\u3040-\u9fff\uac00-\ud7a3]/g,
    (char) => `\\u${(char.charCodeAt(0) & 0xffff).toString(16).padStart(4, "0")}`,
  );
}
