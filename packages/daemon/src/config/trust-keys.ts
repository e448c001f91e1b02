import { DEFAULT_REACTIONS, DEFAULT_RETRIES } from "@agent-orchestrator/core/model/config-reactions";
import { type ReactionConfig, ReactionKey } from "@agent-orchestrator/core/model/reaction";
import { parseDuration } from "@agent-orchestrator/core/model/time";
import type { Path } from "./yaml-tree.ts";

/** A key with a strict end. A change towards it applies at once, and a change away from it waits for `ao trust`. */
export interface Tightens {
  /** What counts if no file sets the key. Null: no limit. */
  absent(path: Path): unknown;
  /** Whether `now` is at least as strict as `before`. False also if that can't be said. */
  isAsStrict(now: unknown, before: unknown): boolean;
}

/**
 * What a change of a key needs. `waits`: it applies only after `ao trust`, because the key says what runs, merges, is deleted, is sent,
 * reaches whom or costs money. `free`: it applies at once, because the key only says how something looks, is named or is timed.
 */
export type KeyClass = "waits" | "free" | Tightens;

const numberOf = (value: unknown): number =>
  value === null ? Number.POSITIVE_INFINITY : typeof value === "number" ? value : Number.NaN;

const durationOf = (value: unknown): number => {
  if (value === null || value === "never") return Number.POSITIVE_INFINITY;
  return (typeof value === "string" || typeof value === "number" ? parseDuration(value) : null) ?? Number.NaN;
};

const absent = (value: unknown) => () => value;
const higher = (standard: number): Tightens => ({
  absent: absent(standard),
  isAsStrict: (now, before) => numberOf(now) >= numberOf(before),
});
const lower = (standard: number | null): Tightens => ({
  absent: absent(standard),
  isAsStrict: (now, before) => numberOf(now) <= numberOf(before),
});
const longer = (standard: string): Tightens => ({
  absent: absent(standard),
  isAsStrict: (now, before) => durationOf(now) >= durationOf(before),
});
/** One of a few values, the strictest first. */
const strictestOf = (values: readonly unknown[], standard: Tightens["absent"]): Tightens => ({
  absent: standard,
  isAsStrict: (now, before) => values.includes(now) && values.indexOf(now) <= values.indexOf(before),
});
const fewer: Tightens = {
  absent: absent([]),
  isAsStrict: (now, before) => Array.isArray(now) && Array.isArray(before) && now.every((one) => before.includes(one)),
};

const builtIn = (path: Path): ReactionConfig | null => {
  const key = ReactionKey.safeParse(path.at(-2));
  return key.success ? DEFAULT_REACTIONS[key.data] : null;
};

/** A duration and a number of sends can't be compared. */
const sooner: Tightens = {
  absent: (path) => durationText(builtIn(path)?.escalateAfterMs ?? null),
  isAsStrict: (now, before) => {
    if (before === null) return true;
    if (now === null || typeof now !== typeof before) return false;
    return typeof now === "number" ? now <= numberOf(before) : durationOf(now) <= durationOf(before);
  },
};
const durationText = (ms: number | null): string | null => (ms === null ? null : `${ms}ms`);

/** Of `reactions.<reaction>` of the whole config and of a project. */
const reaction = (at: string): Record<string, KeyClass> => ({
  [`${at}.*.auto`]: strictestOf([false, true], (path) => builtIn(path)?.auto ?? true),
  [`${at}.*.action`]: strictestOf(
    ["notify", "send-to-agent", "auto-merge"],
    (path) => builtIn(path)?.action ?? "notify",
  ),
  [`${at}.*.message`]: "waits",
  [`${at}.*.priority`]: "waits",
  [`${at}.*.retries`]: { ...lower(null), absent: (path) => builtIn(path)?.retries ?? DEFAULT_RETRIES },
  [`${at}.*.escalateAfter`]: sooner,
  // A longer one may keep you from being notified at all, a shorter one may act too early.
  [`${at}.*.threshold`]: "waits",
  [`${at}.*.includeSummary`]: "free",
});

const agentOptions = (at: string): Record<string, KeyClass> => ({
  [`${at}.model`]: "waits",
  [`${at}.permissions`]: "waits",
  [`${at}.resumeAfterLimit`]: "waits",
  [`${at}.allow`]: "waits",
  [`${at}.command`]: "waits",
  [`${at}.args`]: "waits",
  [`${at}.env.*`]: "waits",
  [`${at}.quietMs`]: "free",
});

const bounds = (at: string): Record<string, KeyClass> => ({
  [at]: lower(null),
  [`${at}.session`]: lower(null),
  [`${at}.project`]: lower(null),
  [`${at}.day`]: lower(null),
});

const slot = (at: string): Record<string, KeyClass> => ({ [at]: "waits", [`${at}.plugin`]: "waits" });

const waits = (at: string, keys: readonly string[]): Record<string, KeyClass> =>
  Object.fromEntries(keys.map((key) => [at === "" ? key : `${at}.${key}`, "waits"]));

const free = (at: string, keys: readonly string[]): Record<string, KeyClass> =>
  Object.fromEntries(keys.map((key) => [at === "" ? key : `${at}.${key}`, "free"]));

/**
 * Every key of a config, with `*` for any name. A key below one of these belongs to it, and a key that is not in the table, such as a
 * plugin's own option, waits.
 */
export const KEY_CLASSES: Readonly<Record<string, KeyClass>> = {
  ...free("", ["port", "readyThresholdMs", "terminalPort", "directTerminalPort"]),
  dashboard: "waits",
  "limits.maxConcurrentSessions": lower(10),
  ...bounds("limits.maxCostUsd"),
  ...bounds("limits.maxTokens"),
  "limits.maxReactionsPerSession": lower(null),
  ...waits("prices.*", ["input", "output", "cacheRead", "cacheWrite"]),
  ...waits("defaults", ["runtime", "agent", "workspace", "tracker", "scm", "terminal", "notifiers"]),
  ...free("defaults", ["terminalPort", "directTerminalPort"]),
  plugins: "waits",
  "trust.authors": "waits",
  "trust.bots": fewer,
  "cleanup.merged": longer("1h"),
  "cleanup.done": longer("7d"),
  "cleanup.closed": longer("7d"),
  "cleanup.killed": longer("14d"),
  "cleanup.errored": longer("14d"),
  "cleanup.preserve": longer("30d"),
  "ci.noneAfter": longer("5m"),
  "ci.rerun": lower(1),
  "ci.flaky": fewer,
  "agents.*.plugin": "waits",
  ...agentOptions("agents.*"),
  ...free("projects.*", ["name", "sessionPrefix", "branch", "ports", "sparse", "postCreateTimeout"]),
  ...waits("projects.*", ["repo", "path", "defaultBranch", "cwd", "worktreeDir"]),
  ...slot("projects.*.runtime"),
  ...slot("projects.*.agent"),
  ...slot("projects.*.workspace"),
  ...slot("projects.*.tracker"),
  ...waits("projects.*", ["trackers"]),
  ...slot("projects.*.scm"),
  ...slot("projects.*.terminal"),
  ...waits("projects.*.scm", ["ci", "ciSetup", "mergeMethod"]),
  ...waits("projects.*.scm.webhook", ["path", "secret", "port"]),
  "projects.*.scm.requiredReviews": higher(1),
  // Without it, that is decided by whether the project is on a forge.
  "projects.*.scm.openPr": strictestOf(["manual", "by the project", "turn-end"], absent("by the project")),
  ...waits("projects.*.scm.identity", ["token"]),
  "projects.*.scm.agentToken": strictestOf([false, true], absent(false)),
  "projects.*.scm.replyOnFix": strictestOf([false, true], absent(false)),
  "projects.*.scm.draft": strictestOf([true, "until-green", false], absent(false)),
  ...agentOptions("projects.*.agentConfig"),
  ...waits("projects.*", ["agentRules", "agentRulesFile", "symlinks", "copy", "postCreate", "preDestroy"]),
  "projects.*.ci.noneAfter": longer("5m"),
  "projects.*.ci.rerun": lower(1),
  "projects.*.ci.flaky": fewer,
  "projects.*.limits.maxConcurrentSessions": lower(null),
  ...reaction("projects.*.reactions"),
  "notifiers.*.plugin": "waits",
  ...waits("quiet", ["from", "to", "timezone", "except"]),
  remindAfter: "waits",
  ...waits("notificationRouting", ["urgent", "action", "warning", "info"]),
  ...reaction("reactions"),
};

/** Options of plugins that have a class although no schema names them. */
export const OPTION_KEYS: readonly string[] = ["agents.*.quietMs", "projects.*.agentConfig.quietMs"];

const PATTERNS = Object.entries(KEY_CLASSES)
  .map(([pattern, keyClass]) => ({ parts: pattern.split("."), keyClass }))
  .sort((a, b) => b.parts.length - a.parts.length);

const isSame = (part: string | undefined, key: string | number | undefined): boolean =>
  part === "*" || part === String(key);

/** The class of the key at a path, or of the nearest one above it. */
export function classOf(path: Path): KeyClass {
  const fits = ({ parts }: { parts: string[] }) =>
    parts.length <= path.length && parts.every((part, at) => isSame(part, path[at]));
  return PATTERNS.find(fits)?.keyClass ?? "waits";
}

/** Whether a path only holds other keys of the table, so that an empty map there says nothing. */
export const isContainer = (path: Path): boolean =>
  PATTERNS.some(({ parts }) => parts.length > path.length && path.every((key, at) => isSame(parts[at], key)));
