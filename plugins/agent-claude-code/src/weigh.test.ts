import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { expect, test } from "vitest";
import { hooksAfter, readHook } from "./hooks/events.ts";
import { TRIED } from "./launch/program.ts";
import { noSignals, type Signals } from "./signals.ts";
import { nothingFolded } from "./transcript/fold.ts";
import { nextChangeMs, weigh } from "./weigh.ts";

const T = Date.parse("2026-01-01T12:00:00Z");
const at = (seconds: number): string => toIso(T + seconds * 1000);

interface Given extends Partial<Omit<Signals, "hooks" | "transcript" | "status">> {
  status?: [state: string, seconds: number, waitingFor?: string | null, version?: string] | null;
  hooks?: Partial<Signals["hooks"]>;
  transcript?: Partial<Signals["transcript"]>;
}

/** Signals of a session, with seconds after noon as times. */
function signals({ status = null, hooks = {}, transcript = {}, ...rest }: Given): Signals {
  const none = noSignals(nothingFolded());
  const [state, seconds, waitingFor = null, version = "2.1.332"] = status ?? [];
  return {
    ...none,
    ...rest,
    status:
      state === undefined || seconds === undefined ? null : { state, sinceMs: T + seconds * 1000, waitingFor, version },
    hooks: { ...none.hooks, ...hooks },
    transcript: { ...none.transcript, ...transcript },
  };
}

const ms = (seconds: number): number => T + seconds * 1000;
const ask = (seconds: number) => ({ pid: 7, atMs: ms(seconds), tool: "Bash", input: {}, agent: null, suggestions: [] });
const limit = "You've hit your session limit · resets 3pm (UTC)";

const CASES: [what: string, given: Given, nowSeconds: number, state: string, source: string][] = [
  ["idle", { status: ["idle", 0] }, 10, "ready", "protocol"],
  ["idle for long", { status: ["idle", 0] }, 400, "idle", "protocol"],
  ["busy", { status: ["busy", 0] }, 10, "active", "protocol"],
  ["idle with a shell running in the background", { status: ["shell", 0] }, 10, "ready", "protocol"],
  ["waiting", { status: ["waiting", 0, "permission prompt"] }, 10, "waiting_input", "protocol"],
  [
    "a request's hook, before the status file says so",
    { status: ["busy", 0], asks: [ask(5)] },
    5,
    "waiting_input",
    "hook",
  ],
  ["a request that was answered in the terminal", { status: ["busy", 6], asks: [ask(5)] }, 7, "active", "protocol"],
  ["a dialog that we answered", { status: ["waiting", 5], answeredMs: ms(6) }, 7, "active", "hook"],
  [
    "a dialog that stays although we answered",
    { status: ["waiting", 5], answeredMs: ms(6) },
    9,
    "waiting_input",
    "protocol",
  ],
  [
    "a prompt's hook, before the status file says so",
    { status: ["idle", 0], hooks: { promptMs: ms(5) } },
    6,
    "active",
    "hook",
  ],
  ["a prompt that had no effect", { status: ["idle", 0], hooks: { promptMs: ms(5) } }, 11, "ready", "protocol"],
  [
    "a Stop while a queued message already runs",
    { status: ["busy", 0], hooks: { promptMs: ms(1), stopMs: ms(5) } },
    6,
    "active",
    "protocol",
  ],
  ["a launch with a prompt, not taken yet", { status: ["idle", 1], start: { atMs: ms(0) } }, 8, "active", "process"],
  [
    "a launch with a prompt that was taken, and another idle report",
    { status: ["idle", 3], start: { atMs: ms(0) }, hooks: { promptMs: ms(2) }, transcript: { promptAt: at(2) } },
    8,
    "active",
    "process",
  ],
  [
    "a launch with a prompt that was taken long before we looked",
    { status: ["idle", -3], start: { atMs: ms(0) }, transcript: { promptAt: at(-60) } },
    8,
    "ready",
    "protocol",
  ],
  ["a launch with a prompt that nobody took", { status: ["idle", 1], start: { atMs: ms(0) } }, 70, "ready", "protocol"],
  ["a retry", { status: ["busy", 0], transcript: { promptAt: at(0) } }, 60, "active", "protocol"],
  [
    "an API error",
    {
      status: ["idle", 5],
      hooks: { promptMs: ms(1), failure: { kind: "request", text: "API Error: 400", atMs: ms(5) } },
    },
    6,
    "ready",
    "protocol",
  ],
  [
    "a usage limit",
    { status: ["idle", 5], transcript: { failure: { kind: "limit", text: limit, at: at(5) } } },
    6,
    "limited",
    "protocol",
  ],
  [
    "a usage limit that has ended",
    { status: ["idle", 5], transcript: { failure: { kind: "limit", text: limit, at: at(5) } } },
    3 * 3600 + 1,
    "idle",
    "protocol",
  ],
  [
    "an expired login",
    { status: ["idle", 5], hooks: { failure: { kind: "login", text: "Please run /login", atMs: ms(5) } } },
    6,
    "ready",
    "protocol",
  ],
  [
    "no status file: a turn by its transcript",
    { transcript: { promptAt: at(5), movedAt: at(6), turnEndedAt: at(2) } },
    7,
    "active",
    "transcript",
  ],
  ["no status file: a Stop", { hooks: { promptMs: ms(1), stopMs: ms(5) } }, 6, "ready", "hook"],
  [
    "no status file: a Stop, and a message in the queue",
    { hooks: { promptMs: ms(1), stopMs: ms(5) }, transcript: { queued: 1, movedAt: at(4) } },
    6,
    "active",
    "transcript",
  ],
  [
    "no status file: interrupted, which no hook reports",
    { hooks: { promptMs: ms(1) }, transcript: { promptAt: at(1), interruptedAt: at(4), movedAt: at(4) } },
    5,
    "ready",
    "transcript",
  ],
  ["no status file: a request", { asks: [ask(5)], transcript: { movedAt: at(4) } }, 6, "waiting_input", "hook"],
  ["nothing but a screen with its box", { screen: { shows: "box", atMs: ms(1) } }, 2, "ready", "screen"],
  [
    "an untested version, whose file lags behind",
    { status: ["idle", 0, null, "3.0.0"], transcript: { promptAt: at(5), movedAt: at(9) } },
    10,
    "active",
    "transcript",
  ],
  [
    "an untested version, whose file is as fresh as the rest",
    { status: ["idle", 8, null, "3.0.0"], transcript: { promptAt: at(5), movedAt: at(9) } },
    10,
    "ready",
    "protocol",
  ],
  ["an unknown word", { status: ["dreaming", 9], hooks: { promptMs: ms(1), stopMs: ms(5) } }, 10, "ready", "hook"],
];

const rows = CASES.map(([what, given, nowSeconds, state, source]) => ({ what, given, nowSeconds, state, source }));

test.each(rows)("$what", ({ given, nowSeconds, state, source }) => {
  const activity = weigh(signals(given), ms(nowSeconds));
  expect([activity?.state, activity?.source]).toEqual([state, source]);
});

test("without any signal there is no activity", () => {
  expect(weigh(signals({}), T)).toBe(null);
});

test("signals that were not followed are reported as well", () => {
  const activity = weigh(signals({ status: ["idle", 6], transcript: { promptAt: at(1), movedAt: at(2) } }), ms(7));
  expect(activity?.overruled).toMatchObject([{ source: "transcript", state: "active" }]);
});

test("an unknown version is named when its status file is believed", () => {
  expect(weigh(signals({ status: ["busy", 0, null, "9.9.9"] }), T)?.evidence).toContain("9.9.9, not tried");
});

test("a limit says when it ends, and time alone ends it", () => {
  const given = signals({ status: ["idle", 0], transcript: { failure: { kind: "limit", text: limit, at: at(0) } } });
  expect(weigh(given, ms(400))?.limit).toEqual({ resetsAt: "2026-01-01T15:00:00.000Z" });
  expect(nextChangeMs(given, ms(400))).toBe((3 * 3600 - 400) * 1000 + 1);
});

for (const version of TRIED) {
  test(`${version}: hooks as they were recorded`, () => {
    const file = join(import.meta.dirname, "fixtures", `claude-code-${version}`, "hooks.jsonl");
    const recorded = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const all = recorded.map(({ label, at: when, payload }) =>
      readHook({ label, pid: 1, text: JSON.stringify(payload), at: toIso(when) }),
    );
    const asked = all.filter(({ name }) => name === "PermissionRequest").map(({ payload }) => payload.tool_name);
    expect(asked).toContain("AskUserQuestion");
    expect(asked).toContain("Bash");
    // The older one has no hook for a message that goes in between two tool calls: its transcript confirms that.
    const queued = all.filter(({ name, payload }) => name === "UserPromptSubmit" && payload.prompt === "queued words");
    expect(queued).toHaveLength(version === "2.1.197" ? 0 : 1);
    expect(all.some(({ payload }) => (payload.cost?.total_cost_usd ?? 0) > 0)).toBe(true);
    const failed = all.findIndex(({ name }) => name === "StopFailure");
    const hooks = all.slice(0, failed + 1).reduce(hooksAfter, noSignals(nothingFolded()).hooks);
    expect(hooks.failure).toMatchObject({ kind: "request", text: "API Error: 400 scripted 400" });
  });
}
