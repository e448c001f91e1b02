import { ConfigInput } from "@agent-orchestrator/core/model/config";
import { describe, expect, it } from "vitest";
import { leafKeys } from "./schema-keys.ts";
import { trustText } from "./trust.ts";
import { isCovered } from "./trust-check.ts";
import { KEY_CLASSES, OPTION_KEYS } from "./trust-keys.ts";
import { parseYaml } from "./yaml-tree.ts";

/** A strict and a loose value for keys by their last part. */
const ENDS: Record<string, [unknown, unknown]> = {
  auto: [false, true],
  action: ["notify", "auto-merge"],
  retries: [0, 9],
  escalateAfter: ["1m", "9h"],
  requiredReviews: [3, 0],
  openPr: ["manual", "turn-end"],
  draft: [true, false],
  replyOnFix: [false, true],
  agentToken: [false, true],
  bots: [["a"], ["a", "b"]],
  noneAfter: ["9m", "1s"],
  flaky: [["a"], ["a", "b"]],
  maxConcurrentSessions: [2, 9],
  maxReactionsPerSession: [2, 9],
};
const endsOf = (key: string): [unknown, unknown] => {
  const last = key.split(".").at(-1) ?? "";
  if (key.startsWith("cleanup.")) return ["never", "1s"];
  return ENDS[last] ?? [1, 900];
};

/** The trust text of a config with this one key. */
function textOf(pattern: string, value: unknown): string {
  const name = pattern.includes("reactions.*") ? "approved-and-green" : "x";
  const parts = pattern
    .replace(/^projects\.\*/, "projects.shop")
    .replaceAll("*", name)
    .split(".");
  const tree = parts.reduceRight<unknown>((below, part) => ({ [part]: below }), value);
  return trustText([{ tree: { ...parseYaml(""), value: tree } }]);
}

const isAtOnce = (before: string, now: string): boolean => isCovered(before, now, { projects: ["shop"], user: "" });
const rows = Object.entries(KEY_CLASSES);
const only = (wanted: string) => rows.flatMap(([key, one]) => (one === wanted ? [key] : []));

it("every key of the schema has a class, and every class belongs to a key", () => {
  const known = new Set(Object.keys(KEY_CLASSES));
  const keys = [...leafKeys(ConfigInput), ...OPTION_KEYS];
  expect(keys.filter((key) => !known.has(key))).toEqual([]);
  expect([...known].filter((key) => !keys.includes(key))).toEqual([]);
});

describe("a change of a key", () => {
  it.each(only("waits"))("%s waits, whatever it is", (key) => {
    const [none, one, other] = ["", textOf(key, "a"), textOf(key, "b")];
    expect([isAtOnce(none, one), isAtOnce(one, none), isAtOnce(one, other)]).toEqual([false, false, false]);
    expect(isAtOnce(one, one)).toBe(true);
  });

  it.each(only("free"))("%s applies at once", (key) => {
    expect([textOf(key, "a"), textOf(key, "b")]).toEqual(["", ""]);
  });

  it.each(rows.flatMap(([key, one]) => (typeof one === "string" ? [] : [key])))(
    "%s applies at once if it is stricter, and waits if it is looser",
    (key) => {
      const [strict, loose] = endsOf(key);
      const [before, after] = [textOf(key, loose), textOf(key, strict)];
      expect([isAtOnce(before, after), isAtOnce(after, before), isAtOnce(before, before)]).toEqual([true, false, true]);
      const unknown = textOf(key, "${X}");
      expect([isAtOnce(before, unknown), isAtOnce(unknown, after)]).toEqual([false, false]);
    },
  );

  it("is compared with the default where a text has no such key", () => {
    const cases: [string, unknown, unknown][] = [
      ["projects.*.scm.requiredReviews", 2, 0],
      ["projects.*.scm.openPr", "manual", null],
      ["cleanup.preserve", "31d", "29d"],
      ["cleanup.merged", "never", "59m"],
      ["limits.maxConcurrentSessions", 9, 11],
      ["limits.maxCostUsd", 1e9, null],
      ["limits.maxReactionsPerSession", 1e6, null],
      ["trust.bots", [], ["x"]],
      ["ci.noneAfter", "6m", "4m"],
      ["reactions.*.auto", false, true],
      ["reactions.*.retries", 1, 3],
      ["projects.*.reactions.*.action", "notify", "send-to-agent"],
    ];
    for (const [key, strict, loose] of cases) {
      expect([key, isAtOnce("", textOf(key, strict))]).toEqual([key, true]);
      if (loose !== null) expect([key, isAtOnce("", textOf(key, loose))]).toEqual([key, false]);
      if (loose === null) expect([key, isAtOnce(textOf(key, strict), "")]).toEqual([key, false]);
    }
  });
});

describe("what counts is what a project gets", () => {
  const [everywhere, here] = ["reactions.ci-failed.retries: 1", "projects.shop.reactions.ci-failed.retries: 1"];

  it("from the whole config, if it sets nothing itself", () => {
    expect([isAtOnce(everywhere, here), isAtOnce(here, everywhere)]).toEqual([true, true]);
    expect(isCovered(here, here, { projects: ["shop", "web"], user: "" })).toBe(true);
    expect(isCovered(everywhere, here, { projects: ["shop", "web"], user: "" })).toBe(false);
  });

  it("and from the user's own config, where the config sets nothing", () => {
    const user = 'cleanup.done: "60d"\nreactions.approved-and-green.auto: true';
    const around = { projects: ["shop"], user };
    expect(isCovered("", 'cleanup.done: "30d"', around)).toBe(false);
    expect(isCovered("reactions.approved-and-green.auto: false", "", around)).toBe(false);
    expect(isCovered("reactions.approved-and-green.auto: false", "", { projects: ["shop"], user: "" })).toBe(true);
  });
});
