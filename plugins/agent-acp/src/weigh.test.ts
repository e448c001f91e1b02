import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { expect, test } from "vitest";
import { weigh } from "./weigh.ts";
import type { HostState } from "./wire.ts";

const since = "2026-01-01T00:00:00.000Z";
const nowMs = Date.parse(since) + 60_000;
const state = (more: Partial<HostState>): HostState => ({
  phase: "ready",
  since,
  evidence: "seen",
  tool: null,
  dialog: null,
  thread: "t",
  queued: 0,
  ...more,
});
const of = (more: Partial<HostState>, readyThresholdMs = 300_000) => weigh(state(more), { nowMs, readyThresholdMs });

test.each([
  ["starting", "active"],
  ["busy", "active"],
  ["ready", "ready"],
  ["limited", "limited"],
] as const)("%s is %s", (phase, expected) => {
  expect(of({ phase })).toMatchObject({ state: expected, since, source: "protocol", evidence: "seen", thread: "t" });
});

test("only ready becomes idle, after some time", () => {
  expect(of({}, 60_000)).toMatchObject({ state: "idle", since });
  expect(of({ phase: "busy" }, 1).state).toBe("active");
});

test("an open dialog is passed on complete, with its question in one line", () => {
  const dialog: Dialog = { id: "1", kind: "permission", text: "May it?\n- a", choices: ["Yes"], takesText: false };
  expect(of({ phase: "asking", dialog })).toMatchObject({ state: "waiting_input", question: "May it? - a", dialog });
});

test("a limit has no time, because the protocol has none", () => {
  expect(of({ phase: "limited" }).limit).toEqual({ resetsAt: null });
});
