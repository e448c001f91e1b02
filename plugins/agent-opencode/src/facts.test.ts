import { expect, test } from "vitest";
import { nothingSeen } from "./server/seen.ts";
import { infoOf, usageReport } from "./teller.ts";
import { replay } from "./testing/replay.ts";

test("usage is counted once, however often it is reported, with OpenCode's dollars", () => {
  const { seen } = replay("busy");
  expect(usageReport(seen, seen.root)).toEqual({
    key: seen.root,
    models: [
      {
        model: "fake/fake-1",
        tokens: { input: 2_000, output: 84, cacheRead: 40, cacheWrite: 0 },
        usd: expect.closeTo(0.00726),
      },
    ],
  });
});

test("a sub-agent is counted in addition to its parent, by its total", () => {
  const { seen } = replay("sub");
  const [own, child] = [...seen.usage.keys()].map((id) => usageReport(seen, id).models[0]);
  expect(own?.tokens.input).toBe(2_000);
  expect(child?.tokens.input).toBe(3_000);
  expect(child?.model).toBe("fake/fake-1");
});

test("no price is no price, not nothing", () => {
  const seen = nothingSeen("ses_1", 0);
  const tokens = { input: 10, output: 1, reasoning: 2, cache: { read: 3, write: 4 } };
  seen.usage.set("ses_1", new Map([["msg_1", { model: "a/b", tokens, usd: 0 }]]));
  expect(usageReport(seen, "ses_1").models).toEqual([
    { model: "a/b", tokens: { input: 10, output: 3, cacheRead: 3, cacheWrite: 4 }, usd: null },
  ]);
});

test("each user text that OpenCode accepted is reported once, in order", () => {
  const taken = replay("busy").happenings.filter((each) => each.kind === "taken");
  expect(taken.map(({ text }) => text)).toEqual(["first %%slow 4 ;; %%say one", "second %%say two"]);
  expect(replay("sub").happenings.filter((each) => each.kind === "taken")).toHaveLength(1);
});

test("the title becomes the summary once there is one", () => {
  const { seen } = replay("busy");
  expect(infoOf(seen)).toEqual({ agentSessionId: seen.root, summary: "Scripted title" });
  seen.title = "New session - 2026-11-26T23:23:07.543Z";
  expect(infoOf(seen)).toEqual({ agentSessionId: seen.root });
});
