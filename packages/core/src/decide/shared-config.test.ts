import { playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aWork, iso } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import { explain } from "./explain.ts";

type Prints = Record<string, string>;
const seen = (sec: number, sharedConfig?: Prints, sharedConfigBefore?: Prints): TestFact => ({
  kind: "work",
  work: aWork({
    at: iso(sec * 1000),
    ...(sharedConfig === undefined ? {} : { sharedConfig }),
    ...(sharedConfigBefore === undefined ? {} : { sharedConfigBefore }),
  }),
});
const NOTE = "The git config that its checkout shares with the repository has changed: ";

test("a change of the shared git config is noted once, by its keys, added, changed or removed", () => {
  const run = playRunning().at(1000, seen(1, { "core.bare": "a", "user.name": "b" }));
  expect(run.record.notes).toEqual([]);
  run.at(2000, seen(2, { "core.bare": "a", "core.hookspath": "c", "user.name": "d" }));
  run.at(3000, seen(3)); // could not be read
  run.at(4000, seen(4, { "core.bare": "a", "core.hookspath": "c", "user.name": "d" }));
  expect(run.record.notes).toEqual([`${NOTE}core.hookspath, user.name.`]);
  run.at(5000, seen(5, { "core.bare": "a", "user.name": "d" }));
  expect(run.record.notes).toEqual([`${NOTE}core.hookspath, user.name.`, `${NOTE}core.hookspath.`]);
  const told = run.events.filter(({ type }) => type === "repository.config_changed");
  expect(told.map(({ data }) => data)).toEqual([
    { keys: ["core.hookspath", "user.name"] },
    { keys: ["core.hookspath"] },
  ]);
  const fact = explain(run.record, run.context).facts.find(({ what }) => what === "shared git config changed");
  expect(fact?.value).toBe("user.name, core.hookspath");
});

test("what an agent changed before the first look is compared with what was there before it started", () => {
  const run = playRunning().at(1000, seen(1, { "remote.evil.url": "x" }, {}));
  expect(run.record.notes).toEqual([`${NOTE}remote.evil.url.`]);
  expect(run.record.work).not.toHaveProperty("sharedConfigBefore");
});

test("names are cleaned and bounded, because an agent chooses them", () => {
  const keys = Array.from({ length: 30 }, (_, at) => [`url.\u001b[2J${"x".repeat(300)}${at}.insteadof`, "1"]);
  const run = playRunning().at(1000, seen(1, Object.fromEntries(keys), {}));
  const [line = ""] = run.record.notes;
  expect(line.length).toBeLessThan(800);
  expect(line).not.toContain("\u001b");
  expect(line).toMatch(/ and 22 more\.$/);
  expect(run.record.configChanged?.keys).toHaveLength(20);
});
