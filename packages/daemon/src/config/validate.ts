import { didYouMean, nearest } from "@agent-orchestrator/core/host/suggest";
import { ConfigInput, UNUSED_KEYS } from "@agent-orchestrator/core/model/config";
import { AgentOptions } from "@agent-orchestrator/core/model/config-plugin";
import { ProjectInput } from "@agent-orchestrator/core/model/config-project";
import type { z } from "zod";
import { keysAt, schemasAt } from "./schema-keys.ts";
import type { Path } from "./yaml-tree.ts";

/** A problem before it has a file and a line. */
export interface Finding {
  path: Path;
  message: string;
  suggestion?: string;
}

export interface Validated {
  /** Null if there are problems. */
  config: ConfigInput | null;
  problems: Finding[];
  warnings: Finding[];
}

const KIND: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map",
  record: "a map",
  array: "a list",
};

/** Checks one file's tree: every problem, in plain words. */
export function validate(tree: unknown): Validated {
  const parsed = ConfigInput.safeParse(tree ?? {});
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explain(tree, issue, []));
  return { config: parsed.data ?? null, problems, warnings: [...unusedKeys(tree), ...nearMisses(tree, [])] };
}

function explain(tree: unknown, issue: z.core.$ZodIssue, prefix: Path): Finding[] {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  const value = valueAt(tree, path);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key));
  if (issue.code === "invalid_union") return explainUnion(tree, issue, path);
  if (issue.code === "invalid_key") return [{ path, message: badKey(issue) }];
  if (issue.code === "invalid_type") return [wrongKind(path, value, [issue.expected])];
  if (issue.code === "invalid_value") return [wrongChoice(path, value, issue.values.map(String))];
  return [{ path, message: boundsMessage(issue) ?? issue.message }];
}

function unknownKey(path: Path, key: string): Finding {
  const suggestion = didYouMean(key, keysAt(ConfigInput, path)) ?? belongsElsewhere(path, key);
  return { path: [...path, key], message: "unknown key", ...(suggestion === undefined ? {} : { suggestion }) };
}

function belongsElsewhere(path: Path, key: string): string | undefined {
  const isOf = (shape: object) => Object.hasOwn(shape, key);
  if (path.length === 0 && isOf(ProjectInput.shape)) return `it belongs in a project: \`projects.<id>.${key}\``;
  if (path[0] !== "projects" || path.length !== 2) return undefined;
  if (isOf(ConfigInput.shape)) return "it belongs at the top level of the file";
  return isOf(AgentOptions.shape) ? "it belongs in `agentConfig`" : undefined;
}

/** The alternative that was meant: one of the right kind, and among several the one with the fewest faults. */
function explainUnion(tree: unknown, issue: z.core.$ZodIssueInvalidUnion, path: Path): Finding[] {
  const fitting = issue.errors.filter((branch) => branch.length > 0 && !isOfOtherKind(branch));
  const choice = formOrWord(fitting);
  if (choice !== null) return [{ path, message: choice }];
  const [best] = [...fitting].sort((a, b) => a.length - b.length);
  if (best !== undefined) return best.flatMap((one) => explain(tree, one, path));
  return [wrongKind(path, valueAt(tree, path), issue.errors.flatMap(kindsIn))];
}

/** The value is of a kind that this alternative, or none of its own alternatives, takes. */
const isOfOtherKind = (branch: readonly z.core.$ZodIssue[]): boolean =>
  branch.some(
    (one) =>
      one.path.length === 0 &&
      (one.code === "invalid_type" || (one.code === "invalid_union" && one.errors.every(isOfOtherKind))),
  );

const kindsIn = (branch: readonly z.core.$ZodIssue[]): string[] =>
  branch.flatMap((one) => {
    if (one.code === "invalid_union") return one.errors.flatMap(kindsIn);
    return one.code === "invalid_type" ? [one.expected as string] : [];
  });

/** A text of some form or one of some words: both are named. */
function formOrWord(branches: readonly z.core.$ZodIssue[][]): string | null {
  const issues = branches.flatMap((branch) => (branch.length === 1 && branch[0]?.path.length === 0 ? branch : []));
  const words = issues.flatMap((one) =>
    one.code === "invalid_value" ? one.values.map((word) => `\`${String(word)}\``) : [],
  );
  const form = issues.find((one) => one.code === "custom");
  return form === undefined || words.length === 0 ? null : `${form.message}, or ${words.join(", ")}`;
}

function badKey(issue: z.core.$ZodIssueInvalidElement | z.core.$ZodIssueInvalidKey): string {
  const [inner] = issue.issues;
  return inner?.code === "invalid_format" && issue.path[0] === "projects"
    ? "not a project id: letters, digits, _ and -, beginning with a letter or digit, at most 40"
    : (inner?.message ?? "not allowed as a key");
}

function wrongKind(path: Path, value: unknown, expected: readonly string[]): Finding {
  const kinds = [...new Set(expected.map((kind) => KIND[kind] ?? kind))].join(" or ");
  if (value === undefined) return { path, message: `is missing (${kinds})` };
  const actual = KIND[Array.isArray(value) ? "array" : typeof value] ?? "empty";
  const suggestion = kindSuggestion(value, expected);
  return { path, message: `must be ${kinds}, is ${actual}`, ...(suggestion === undefined ? {} : { suggestion }) };
}

function kindSuggestion(value: unknown, expected: readonly string[]): string | undefined {
  const wants = (kind: string) => expected.includes(kind);
  if (wants("boolean") && typeof value === "string" && /^(?:yes|no|on|off)$/i.test(value)) {
    return `write ${/^(?:yes|on)$/i.test(value) ? "true" : "false"}`;
  }
  if (wants("string") && (typeof value === "number" || typeof value === "boolean")) return "put it in quotes";
  if (wants("array") && typeof value === "string") return "write it as a list: `[…]`";
  return undefined;
}

function wrongChoice(path: Path, value: unknown, choices: readonly string[]): Finding {
  const suggestion = typeof value === "string" ? didYouMean(value, choices) : undefined;
  return {
    path,
    message: `must be ${choices.length === 1 ? "" : "one of "}${choices.join(", ")}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function boundsMessage(issue: z.core.$ZodIssue): string | null {
  if (issue.code === "too_small") {
    return issue.origin === "number" || issue.origin === "int"
      ? `must be at least ${issue.minimum}`
      : "must not be empty";
  }
  if (issue.code !== "too_big") return null;
  if (issue.origin === "number" || issue.origin === "int") return `must be at most ${issue.maximum}`;
  return `is too long (at most ${issue.maximum} ${issue.origin === "array" ? "entries" : "characters"})`;
}

const isMap = (value: unknown): value is Record<string | number, unknown> =>
  typeof value === "object" && value !== null;

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined), tree);
}

function unusedKeys(tree: unknown): Finding[] {
  return [[], ["defaults"]].flatMap((path) =>
    Object.keys(UNUSED_KEYS)
      .filter((key) => valueAt(tree, [...path, key]) !== undefined)
      .map((key) => ({ path: [...path, key], message: `has no effect: ${UNUSED_KEYS[key]}` })),
  );
}

/** Where a plugin's own options are allowed, a key that is close to a known one is probably a typo. */
function nearMisses(value: unknown, path: Path): Finding[] {
  if (typeof value !== "object" || value === null || path.length > 4) return [];
  const isLoose = schemasAt(ConfigInput, path).some(
    (schema) =>
      "catchall" in schema.def &&
      schema.def.catchall !== undefined &&
      (schema.def.catchall as z.ZodType).def.type === "unknown",
  );
  const known = isLoose ? keysAt(ConfigInput, path) : [];
  return Object.entries(value).flatMap(([key, below]) => {
    const at = Array.isArray(value) ? Number(key) : key;
    const meant = known.length === 0 || known.includes(key) ? null : nearest(key, known, true);
    const finding = {
      path: [...path, at],
      message: "unknown here; passed to the plugin",
      suggestion: `did you mean \`${meant}\`?`,
    };
    return [...(meant === null ? [] : [finding]), ...nearMisses(below, [...path, at])];
  });
}
