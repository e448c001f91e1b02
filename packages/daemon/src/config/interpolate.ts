import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Path } from "./yaml-tree.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** `${NAME}`, `${NAME:-default}`; `$${` is a plain `${`. */
const PLACEHOLDER = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Set for each session. A config never sees them, so they are left for the program that runs there. */
const SESSION_VARIABLE = /^AO_(?:SESSION_ID|PROJECT_ID|ISSUE_ID|PROMPT_FILE|PORT(?:_\d+)?)$/;

/**
 * `early`: needed to know what the config says. `late`: options of a plugin, filled in when it is created.
 * `verbatim`: shell command lines (their shell knows `${…}` itself) and text for agents.
 */
export type Timing = "early" | "late" | "verbatim";

const VERBATIM_PROJECT_KEYS = new Set(["postCreate", "preDestroy", "agentRules", "branch", "reactions", "name"]);
const SLOT_KEYS = new Set(["runtime", "agent", "workspace", "tracker", "trackers", "scm", "terminal"]);
/** Options that core itself reads, so that they must be known early. */
const CORE_OPTIONS = new Set([
  "plugin",
  "openPr",
  "draft",
  "replyOnFix",
  "agentToken",
  "mergeMethod",
  "requiredReviews",
  "permissions",
  "allow",
  "model",
]);

export function timingOf(path: Path): Timing {
  const [top, , key, ...inner] = path.map(String);
  // A list has one number more on the way.
  const option = inner[key === "trackers" ? 1 : 0];
  if (top === "reactions") return "verbatim";
  if (top === "plugins") return "late";
  if (top === "agents") return key === undefined || CORE_OPTIONS.has(key) ? "early" : "late";
  if (top === "notifiers") return key === "plugin" ? "early" : "late";
  if (top !== "projects" || key === undefined) return "early";
  if (VERBATIM_PROJECT_KEYS.has(key)) return "verbatim";
  if (key === "scm" && (option === "ci" || option === "ciSetup")) return "verbatim";
  if (!SLOT_KEYS.has(key) && key !== "agentConfig") return "early";
  return option === undefined || CORE_OPTIONS.has(option) ? "early" : "late";
}

export const hasPlaceholder = (text: string): boolean => text.search(PLACEHOLDER) !== -1;

export interface Filled {
  text: string;
  /** Variables that are not set and have no default. */
  missing: string[];
  /** What came from the environment. */
  values: string[];
}

/** Fills in what is known. The placeholder of a missing variable stays. An empty one counts as set, except before `:-`. */
export function fill(text: string, env: Env): Filled {
  const missing: string[] = [];
  const values: string[] = [];
  const filled = text.replace(PLACEHOLDER, (whole, ...groups: (string | undefined)[]) => {
    const [escaped, name, fallback] = groups;
    if (escaped !== undefined || name === undefined) return "${";
    if (SESSION_VARIABLE.test(name)) return whole;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined && (value !== "" || fallback === undefined)) {
      values.push(value);
      return value;
    }
    if (fallback !== undefined) return fallback;
    missing.push(name);
    return whole;
  });
  return { text: filled, missing, values };
}

/** Names of all variables that a value uses, sorted. */
export function variablesIn(value: unknown): string[] {
  const names = new Set<string>();
  eachText(value, [], (text) => {
    for (const match of text.matchAll(PLACEHOLDER)) if (match[2] !== undefined) names.add(match[2]);
  });
  return [...names].filter((name) => !SESSION_VARIABLE.test(name)).sort();
}

export interface ResolveOptions {
  env: Env;
  /** Where the options are, for the error: `projects.my-app.tracker`. */
  where: string;
}

/** The options of a plugin with their variables filled in. Throws CONFIG naming the variable and the place. */
export function resolveSecrets<T>(options: T, { env, where }: ResolveOptions): T {
  return mapText(options, [], (text, path) => {
    const filled = fill(text, env);
    const [variable] = filled.missing;
    if (variable !== undefined) throw missingVariable(variable, [where, ...path].join("."));
    return filled.text;
  }) as T;
}

export function missingVariable(variable: string, path: string): AoError {
  return new AoError("CONFIG", `${path}: the environment variable ${variable} is not set`, {
    hint: `Set ${variable} where \`ao\` runs, or write \${${variable}:-default} in the config.`,
  });
}

const SECRET_KEY = /token|secret|passw|api[-_]?key|authorization|credential|private[-_]?key/i;
const SECRET_VARIABLE = /(?:^|_)(?:key|pat|pass|auth)$/i;

/**
 * Whether a name sounds like that of a secret. Good enough for what is printed, where masking too much costs little. Only what a
 * plugin declares (`manifest.secrets`) is withheld from agents.
 */
export const isSecretKey = (key: string): boolean => SECRET_KEY.test(key);

const isSecretVariable = (name: string): boolean => isSecretKey(name) || SECRET_VARIABLE.test(name);

/** What must never be printed: values that a plugin declares secret, and values whose names sound like secrets. */
export function secretValues(options: unknown, env: Env, declared: readonly string[] = []): string[] {
  const secrets = new Set<string>();
  eachText(options, [], (text, path) => {
    const filled = fill(text, env);
    const isSecret = path.some((key) => isSecretKey(String(key))) || isDeclared(path, declared);
    if (isSecret) for (const secret of [filled.text, ...filled.values]) secrets.add(secret);
    for (const name of isSecret ? [] : variablesIn(text).filter(isSecretVariable)) secrets.add(env[name] ?? "");
  });
  return [...secrets].filter((secret) => secret.length >= 6 && !hasPlaceholder(secret));
}

/** Whether a plugin's manifest declares this option secret, or one that contains it. */
export function isDeclared(path: Path, declared: readonly string[]): boolean {
  return declared.some((pattern) => {
    const parts = pattern.split(".");
    return parts.length <= path.length && parts.every((part, at) => part === "*" || part === String(path[at]));
  });
}

/** The options in a printable form: placeholders stay, and literal values that are declared secret, or sound so, are masked. */
export function maskSecrets<T>(options: T, declared: readonly string[] = []): T {
  return mapText(options, [], (text, path) => {
    const isSecret = path.some((key) => isSecretKey(String(key))) || isDeclared(path, declared);
    return isSecret && !hasPlaceholder(text) ? "…" : text;
  }) as T;
}

/** Applies `change` to every text in plain data, but not to keys. */
export function mapText(value: unknown, path: Path, change: (text: string, path: Path) => unknown): unknown {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapText(item, [...path, index], change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapText(item, [...path, key], change)]));
}

export function eachText(value: unknown, path: Path, see: (text: string, path: Path) => void): void {
  mapText(value, path, (text, at) => {
    see(text, at);
    return text;
  });
}
