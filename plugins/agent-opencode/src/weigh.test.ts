import { expect, test } from "vitest";
import { readScreen } from "./screen/screen.ts";
import { isBusy, nothingSeen, take } from "./server/seen.ts";
import type { Failure } from "./server/wire.ts";
import { fixture, replay, screenOf } from "./testing/replay.ts";
import { SILENCE_MS, START_MS, TAKEN_MS, TOOL_MS, weigh } from "./weigh.ts";

const states = (name: string): string[] => replay(name).told.map(({ state }) => state);
const last = (name: string) => replay(name).told.at(-1);

test("a message that arrives while it is busy does not end the turn", () => {
  expect(states("busy")).toEqual(["ready", "active", "ready"]);
  expect(replay("busy").happenings.filter(({ kind }) => kind === "turn-over")).toHaveLength(1);
});

test("each permission is its own dialog, with OpenCode's choices in its order", () => {
  const dialogs = replay("perms").told.flatMap(({ dialog }) => dialog ?? []);
  expect(dialogs.map(({ text }) => text.split("\n").slice(0, 2).join(" "))).toEqual([
    expect.stringContaining("Permission required: edit b.txt"),
    "Permission required: shell command $ echo one && git status",
    "Permission required: shell command $ sleep 20",
  ]);
  expect(dialogs[1]).toMatchObject({
    kind: "permission",
    choices: ["Allow once", "Allow always", "Reject"],
    takesText: false,
    canAlways: true,
  });
  expect(new Set(dialogs.map(({ id }) => id)).size).toBe(3);
  expect(last("perms")?.state).toBe("ready");
});

test("a question shows its options, and closes with its answer or its dismissal", () => {
  const { told } = replay("quest");
  const dialogs = told.flatMap(({ dialog }) => dialog ?? []);
  expect(dialogs.map(({ text, choices }) => [text, choices])).toEqual([
    ["Which DB?", ["Postgres", "SQLite"]],
    ["Q one? (1 of 2)", ["a", "b"]],
    ["Third?", ["x", "y"]],
  ]);
  expect(told.at(-1)?.state).toBe("ready");
});

test("an interrupted turn is over, whatever was running, and is reported as such", () => {
  expect(states("abort")).toEqual(["ready", "active", "ready", "active", "ready"]);
  expect(last("abort")?.evidence).toBe("the turn was interrupted");
});

test("a permission that an abort leaves in OpenCode's list is no longer open", () => {
  const { told } = replay("abortperm");
  expect(told.map(({ state }) => state).slice(0, 4)).toEqual(["ready", "active", "waiting_input", "ready"]);
  expect(told.at(-1)?.state).toBe("ready");
});

test("errors end a turn, retries do not, and a wait that the vendor sets is a limit with its time", () => {
  const { told } = replay("errors");
  expect(told.map(({ state, evidence }) => `${state}: ${evidence}`)).toEqual([
    "ready: session.status idle",
    "active: it took a message",
    "ready: the turn ended with APIError: scripted bad",
    "active: it took a message",
    "active: session.status retry: slow down",
    "active: session.status busy",
    "active: session.status retry: slow down",
    "active: session.status busy",
    "ready: session.status idle",
    "active: it took a message",
    "active: session.status retry: boom",
    "active: session.status busy",
    "ready: session.status idle",
    "active: it took a message",
    "limited: session.status retry: usage_limit_reached try later",
    "ready: session.status idle",
    "active: it took a message",
    "ready: the turn ended with APIError: invalid key",
  ]);
  const limited = told.find(({ state }) => state === "limited");
  expect(limited?.limit?.resetsAt).toBe(new Date(1_795_739_117_105).toISOString());
});

test("a working sub-agent counts as work, and the end of its turn is not the end of the turn", () => {
  const { told, happenings, seen } = replay("sub");
  expect(told.map(({ state }) => state)).toEqual(["ready", "active", "ready"]);
  expect(happenings.filter(({ kind }) => kind === "turn-over")).toHaveLength(1);
  expect(seen.usage.size).toBe(2);
});

const ROOT = "ses_root";
const busy = (sessionID: string, status: object = { type: "busy" }) =>
  ({ type: "session.status", properties: { sessionID, status: { type: "busy", ...status } } }) as const;
const at = (now: number, seen = nothingSeen(ROOT, 0)) => ({ now, seen, screen: null, promptDueUntil: null });
const heard = { isHeard: true } as const;

test("events of foreign conversations are ignored", () => {
  const seen = nothingSeen(ROOT, 0);
  take(seen, busy("ses_other"), 1);
  take(seen, { type: "session.error", properties: { sessionID: "ses_other", error: { name: "APIError" } } }, 1);
  expect(isBusy(seen)).toBe(false);
  expect(weigh({ ...at(2, seen), server: heard })).toMatchObject({ state: "ready", evidence: "session.status idle" });
});

test.each([
  ["a spent quota", { message: "You exceeded your current quota", attempt: 1 }, "credit"],
  ["an error that retrying has not ended in about a minute", { message: "boom: server error", attempt: 5 }, "service"],
])("%s keeps failing while it is retried, until the model says something", (_name, retry, kind) => {
  const seen = nothingSeen(ROOT, 0);
  for (const status of [{}, { type: "retry", next: 4_000, ...retry }, {}]) take(seen, busy(ROOT, status), 10);
  const failure = { kind, text: retry.message };
  expect(weigh({ ...at(20, seen), server: heard })).toMatchObject({ state: "active", failure });
  const part = { id: "prt_1", sessionID: ROOT, messageID: "msg_1", type: "step-start" };
  take(seen, { type: "message.part.updated", properties: { part } }, 30);
  expect(weigh({ ...at(40, seen), server: heard })).toMatchObject({ state: "active" });
  expect(weigh({ ...at(40, seen), server: heard })?.failure).toBe(undefined);
});

test.each([
  ["credit", { message: "no", statusCode: 402 }],
  ["busy", { message: "slow down", statusCode: 429 }],
  ["busy", { message: "slow down", statusCode: 429, responseHeaders: { "retry-after": "7" } }],
  ["login", { message: "invalid key", statusCode: 401 }],
  ["model", { message: "Model not found: scripted/nope" }],
  ["connection", { message: "The socket connection was closed unexpectedly" }],
])("a turn that ended with an error of kind %s says so, and is idle", (kind, data) => {
  const seen = nothingSeen(ROOT, 0);
  take(seen, busy(ROOT), 1);
  take(seen, { type: "session.error", properties: { sessionID: ROOT, error: { name: "APIError", data } } }, 2);
  take(seen, { type: "session.idle", properties: { sessionID: ROOT } }, 3);
  const word = weigh({ ...at(4, seen), server: heard });
  expect(word).toMatchObject({ state: "ready", failure: { kind, text: data.message } });
  take(seen, busy(ROOT), 5);
  expect(weigh({ ...at(6, seen), server: heard })?.failure).toBe(undefined);
});

test("a limit is what the vendor calls one, or lets nobody in for minutes", () => {
  const ended = (data: Failure["data"]) => {
    const seen = nothingSeen(ROOT, 0);
    take(seen, busy(ROOT), 1);
    take(seen, { type: "session.error", properties: { sessionID: ROOT, error: { name: "APIError", data } } }, 2);
    take(seen, { type: "session.idle", properties: { sessionID: ROOT } }, 3);
    return weigh({ ...at(4, seen), server: heard })?.state;
  };
  expect(ended({ message: "usage limit reached", statusCode: 429 })).toBe("limited");
  expect(ended({ message: "slow", statusCode: 429, responseHeaders: { "retry-after": "3600" } })).toBe("limited");
  expect(ended({ message: "usage limit reached", statusCode: 402 })).toBe("ready");
});

test("a turn in another conversation of the program was started by the user, and is followed", () => {
  const seen = nothingSeen(ROOT, 0);
  const info = { id: "ses_new", directory: "/home/dev/repos/app", time: { created: 1 } };
  take(seen, { type: "session.created", properties: { info } }, 1);
  expect(take(seen, busy("ses_new"), 2)).toEqual([{ kind: "moved", to: "ses_new" }]);
  expect(weigh({ ...at(3, seen), server: heard })).toMatchObject({ state: "active", thread: "ses_new" });
});

test("a tool call is told once it takes long", () => {
  const seen = nothingSeen(ROOT, 0);
  take(seen, busy(ROOT), 0);
  const state = { status: "running", input: { command: "make" } };
  const part = { id: "prt_1", sessionID: ROOT, messageID: "msg_1", type: "tool", tool: "bash", callID: "c1", state };
  take(seen, { type: "message.part.updated", properties: { part } }, 0);
  expect(weigh({ ...at(TOOL_MS - 1, seen), server: heard })?.tool).toBe(undefined);
  expect(weigh({ ...at(TOOL_MS, seen), server: heard })?.tool).toBe("bash");
  const done = { ...part, state: { status: "completed", input: { command: "git commit -m x" } } };
  expect(take(seen, { type: "message.part.updated", properties: { part: done } }, 1)).toEqual([
    { kind: "worked", what: "bash" },
    { kind: "ran", command: "git commit -m x" },
  ]);
});

test("an agent that has yet to get its first prompt is starting, not idle", () => {
  const seen = nothingSeen(ROOT, 0);
  expect(weigh({ ...at(10, seen), server: heard, promptDueUntil: 100 })).toBe(null);
  expect(weigh({ ...at(100, seen), server: heard, promptDueUntil: 100 })?.state).toBe("ready");
  seen.isUntouched = false;
  expect(weigh({ ...at(10, seen), server: heard, promptDueUntil: 100 })?.state).toBe("ready");
});

test("it works from the message on, even if the turn starts seconds later or never", () => {
  const seen = nothingSeen(ROOT, 0);
  const info = { id: "msg_1", sessionID: ROOT, role: "user", time: { created: 1_000 } };
  take(seen, { type: "message.updated", properties: { info } }, 1_000);
  expect(weigh({ ...at(1_001, seen), server: heard })).toMatchObject({
    state: "active",
    evidence: "it took a message",
  });
  expect(weigh({ ...at(1_000 + TAKEN_MS, seen), server: heard })?.state).toBe("ready");
  const answer = { id: "msg_2", sessionID: ROOT, role: "assistant", parentID: "msg_1", time: { created: 2_000 } };
  take(seen, { type: "message.updated", properties: { info: answer } }, 2_000);
  expect(weigh({ ...at(2_001, seen), server: heard })?.state).toBe("ready");
});

test("the start page of a program that waits for its first prompt does not count as idle", () => {
  const server = { isHeard: false, since: 0, why: "it is starting" } as const;
  const screen = { reading: readScreen({ rows: screenOf("start-page") }), at: START_MS };
  const starting = { now: START_MS, seen: null, server, screen };
  expect(weigh({ ...starting, promptDueUntil: START_MS + 1 })?.state).toBe("unknown");
  expect(weigh({ ...starting, promptDueUntil: null })).toMatchObject({ state: "ready", source: "screen" });
});

test("a silent server is trusted for some seconds, then the screen is, and the contradiction is kept", () => {
  const seen = nothingSeen(ROOT, 0);
  take(seen, busy(ROOT), 0);
  const server = { isHeard: false, since: 1_000, why: "nothing listens" } as const;
  expect(weigh({ ...at(1_000 + SILENCE_MS - 1, seen), server })?.state).toBe("active");
  const late = { ...at(1_000 + SILENCE_MS, seen), server };
  expect(weigh(late)).toMatchObject({ state: "unknown", source: "none" });
  const reading = readScreen({ rows: screenOf("at-rest") });
  expect(weigh({ ...late, screen: { reading, at: 9_000 } })).toMatchObject({
    state: "ready",
    source: "screen",
    evidence: expect.stringContaining("nothing listens"),
    overruled: [{ source: "protocol", state: "active" }],
  });
});

test("a starting agent whose server was never heard has no activity for a while", () => {
  const server = { isHeard: false, since: 0, why: "it is starting" } as const;
  expect(weigh({ ...at(START_MS - 1), seen: null, server })).toBe(null);
  expect(weigh({ ...at(START_MS), seen: null, server })?.state).toBe("unknown");
});

test("the fixtures contain no path of the machine they were recorded on", () => {
  for (const name of ["busy", "perms", "quest", "abort", "errors", "sub", "abortperm"]) {
    expect(fixture(`${name}.sse`)).not.toContain("/tmp/");
  }
});
