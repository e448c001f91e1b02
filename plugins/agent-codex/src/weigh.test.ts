import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { expect, test } from "vitest";
import { atBeginning, type ScreenSignal, type ServerSignal, weigh } from "./weigh.ts";

const T1 = "2026-11-26T10:00:00.000Z";
const T2 = "2026-11-26T10:01:00.000Z";
const dialog: Dialog = {
  id: "d",
  kind: "permission",
  text: "May I?\n$ rm x",
  choices: ["Yes", "No"],
  takesText: false,
};
const server = (more: Partial<ServerSignal> = {}): ServerSignal => ({
  threadId: "t",
  status: "idle",
  flags: [],
  at: T1,
  asked: null,
  tool: null,
  retry: null,
  ended: null,
  busyChildren: 0,
  ...more,
});
const screen = (more: Partial<ScreenSignal> = {}): ScreenSignal => ({
  state: "active",
  evidence: "the screen says that it is working",
  at: T2,
  dialog: null,
  ...more,
});

test.each<[string, Partial<ServerSignal>, object]>([
  ["idle", {}, { state: "ready", since: T1, source: "protocol", thread: "t" }],
  ["active", { status: "active" }, { state: "active" }],
  [
    "active in a long tool",
    { status: "active", tool: { name: "make", at: T1 } },
    { state: "active", tool: "make", toolSince: T1 },
  ],
  ["trying again", { status: "active", retry: "Reconnecting... 1/5" }, { state: "active", evidence: /Reconnecting/ }],
  [
    "asking",
    { status: "active", flags: ["waitingOnApproval"], asked: { dialog, at: T2 } },
    { state: "waiting_input", since: T2, dialog, question: "May I? $ rm x" },
  ],
  [
    "asking, request not seen",
    { status: "active", flags: ["waitingOnApproval"] },
    { state: "waiting_input", dialog: undefined },
  ],
  ["a sub-agent asks while the agent is idle", { asked: { dialog, at: T2 } }, { state: "waiting_input" }],
  [
    "an API error",
    {
      status: "systemError",
      ended: { how: "failed", error: "boom", limit: null, failure: { kind: "other", text: "boom" } },
    },
    { state: "ready", evidence: "the last turn failed: boom" },
  ],
  [
    "a usage limit",
    { status: "systemError", ended: { how: "failed", error: "limit", limit: { resetsAt: T2 }, failure: null } },
    { state: "limited", limit: { resetsAt: T2 } },
  ],
  [
    "interrupted",
    { ended: { how: "was interrupted", error: null, limit: null, failure: null } },
    { state: "ready", evidence: "the last turn was interrupted" },
  ],
  ["not loaded", { status: "notLoaded" }, { state: "unknown" }],
])("the server says: %s", (_name, more, expected) => {
  const word = weigh({ server: server(more), screen: null, isConnected: true });
  for (const [key, value] of Object.entries(expected)) {
    const got = word?.[key as keyof typeof word];
    if (value instanceof RegExp) expect(got).toMatch(value);
    else expect(got).toEqual(value);
  }
});

test("while the server responds, the screen is overruled, and that is reported", () => {
  const word = weigh({ server: server(), screen: screen(), isConnected: true });
  expect(word).toMatchObject({ state: "ready", overruled: [{ source: "screen", state: "active", at: T2 }] });
});

test("an older screen is not a contradiction", () => {
  const word = weigh({ server: server({ at: T2 }), screen: screen({ at: T1 }), isConnected: true });
  expect(word?.overruled).toBeUndefined();
});

test("without the connection the screen counts, and the server's last report is overruled", () => {
  const word = weigh({ server: server(), screen: screen(), isConnected: false });
  expect(word).toMatchObject({
    state: "active",
    source: "screen",
    overruled: [{ source: "protocol", state: "ready" }],
  });
});

test("with neither there is no activity", () => {
  expect(weigh({ server: null, screen: null, isConnected: true })).toBe(null);
  expect(weigh({ server: server(), screen: null, isConnected: false })).toBe(null);
});

test("a start-up dialog is reported with its choices", () => {
  const notice: Dialog = { ...dialog, kind: "notice", id: "screen:1" };
  const word = weigh({ server: null, screen: screen({ state: "waiting_input", dialog: notice }), isConnected: true });
  expect(word).toMatchObject({ state: "waiting_input", source: "screen", dialog: notice });
});

test("an input box that has just appeared does not count as idle if a first prompt is due, but one that stays does, and so does a dialog", () => {
  const shows = (state: ScreenSignal["state"], afterMs: number) =>
    atBeginning(screen({ state, at: T1 }), { nowMs: Date.parse(T1) + afterMs, patienceMs: 10_000 })?.state;
  expect(shows("ready", 200)).toBe("active");
  expect(shows("ready", 10_000)).toBe("ready");
  expect(shows("waiting_input", 200)).toBe("waiting_input");
  expect(atBeginning(null, { nowMs: 0, patienceMs: 1 })).toBe(null);
});
