import { activity, exited, type Play, play, playRunning, type TestFact } from "@agent-orchestrator/testkit/play";
import { aPr, aWork, iso, startFacts } from "@agent-orchestrator/testkit/records";
import { describe, expect, test } from "vitest";

const SEC = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const kill = (remove = false): TestFact => ({ kind: "wish-kill", remove, by: "user", reason: "ao kill" });
const stopped = (launch = 1): TestFact => ({ kind: "stopped", launch });
const removed: TestFact = { kind: "removed", preservedPath: "/keep/app-1" };
const pr = (changes: Parameters<typeof aPr>[0] = {}): TestFact => ({ kind: "pr", snapshot: aPr(changes) });
const work = (ms: number, changes: Parameters<typeof aWork>[0] = {}): TestFact => ({
  kind: "work",
  work: aWork({ at: iso(ms), ...changes }),
});
const resting = (policy: Parameters<typeof playRunning>[0] = {}): Play =>
  playRunning(policy).at(1 * SEC, activity("ready", 1 * SEC));
const launched = (ms: number, launch: number): TestFact[] =>
  startFacts(ms, launch).map(({ at: _, ...fact }) => fact as TestFact);

describe("kill", () => {
  test("of a queued session is over at once, with nothing to stop", () => {
    const run = play().at(0, kill());
    expect(run.record).toMatchObject({ status: "killed", ending: { by: "user" } });
    expect(run.actions).toEqual([]);
  });

  test("while it starts stops the start, and what it started is not taken for running", () => {
    const run = play()
      .at(0, { kind: "admitted" })
      .at(1 * SEC, kill());
    expect(run.did("stop")).toMatchObject([{ key: "stop:app-1:1" }]);
    run.at(2 * SEC, ...launched(2 * SEC, 1)).at(3 * SEC, stopped());
    expect(run.record).toMatchObject({
      status: "killed",
      phase: "ended",
      launch: { last: { exit: { wasAsked: true } } },
    });
  });

  test("is no surprise: the exit that follows is neither an error nor told", () => {
    const run = playRunning()
      .at(1 * SEC, kill())
      .at(2 * SEC, exited(2 * SEC, 137))
      .at(3 * SEC, stopped());
    expect(run.record.status).toBe("killed");
    expect(run.types()).not.toContain("session.exited");
    expect(run.did("notify")).toEqual([]);
  });

  test("refuses the messages that were waiting", () => {
    const run = playRunning().at(1 * SEC, { kind: "wish-send", message: { id: "m1", text: "x", isUrgent: false } });
    run.at(2 * SEC, kill()).at(3 * SEC, stopped());
    expect(run.record.messages.list[0]).toMatchObject({ state: "failed", failure: { code: "REFUSED" } });
  });

  test("with --drop-unreadable says so to the removal, and notes down what was given up", () => {
    const run = playRunning().at(1 * SEC, { ...kill(true), dropUnreadable: true } as TestFact);
    run.at(2 * SEC, stopped());
    expect(run.did("remove")).toMatchObject([{ dropUnreadable: true }]);
    run.at(3 * SEC, { ...removed, unreadable: ["data/pg"] } as TestFact);
    expect(run.record.notes).toContain("Not kept, because it could not be read: data/pg");
    const usual = playRunning().at(1 * SEC, kill(true));
    usual.at(2 * SEC, stopped());
    expect(usual.did("remove")[0]).not.toHaveProperty("dropUnreadable");
  });

  test("with --rm keeps the work, removes and archives after the stop", () => {
    const run = playRunning().at(1 * SEC, kill(true));
    expect(run.did("remove")).toEqual([]);
    run.at(2 * SEC, stopped());
    expect(run.did("remove")).toMatchObject([{ key: "remove:app-1:1" }]);
    expect(run.record.status).toBe("cleanup");
    run.at(3 * SEC, removed);
    expect(run.record).toMatchObject({
      status: "killed",
      isArchived: true,
      workspacePath: null,
      preservedPath: "/keep/app-1",
    });
  });

  test("that fails is said, and can be asked for again", () => {
    const failure = { code: "UNREACHABLE", message: "tmux did not answer" } as const;
    const run = playRunning()
      .at(1 * SEC, kill())
      .at(2 * SEC, { kind: "effect-failed", key: "stop:app-1:1", action: "stop", failure });
    expect(run.record.notes.at(-1)).toContain("tmux did not answer");
    expect(run.at(3 * SEC, kill()).did("stop")).toHaveLength(2);
  });

  test("that fails after the agent ended by itself is done all the same", () => {
    const failure = { code: "UNREACHABLE", message: "tmux did not answer" } as const;
    const run = playRunning()
      .at(1 * SEC, kill())
      .at(2 * SEC, exited(2 * SEC, 0))
      .at(3 * SEC, { kind: "effect-failed", key: "stop:app-1:1", action: "stop", failure });
    expect(run.record.status).toBe("killed");
  });

  test("of a session that failed takes it off the user's list; a merged one stays merged", () => {
    const run = playRunning()
      .at(1 * SEC, exited(1 * SEC, 1))
      .at(2 * SEC, kill())
      .at(3 * SEC, stopped());
    expect(run.record.status).toBe("killed");
    const merged = playRunning()
      .at(1 * SEC, pr())
      .at(2 * SEC, pr({ state: "merged" }))
      .at(3 * SEC, kill())
      .at(4 * SEC, stopped());
    expect(merged.record.status).toBe("merged");
  });
});

describe("restore", () => {
  test("queues an ended session again, and starts it in the same conversation", () => {
    const run = playRunning()
      .at(1 * SEC, kill())
      .at(2 * SEC, stopped())
      .at(3 * SEC, { kind: "wish-restore" });
    expect(run.record.status).toBe("queued");
    run.at(4 * SEC, { kind: "admitted" });
    expect(run.did("start").at(-1)).toMatchObject({ key: "start:app-1:2", launch: 2, mode: "restore" });
    run.at(5 * SEC, ...launched(5 * SEC, 2));
    expect(run.record).toMatchObject({ status: "working", ending: null });
    expect(run.types().filter((type) => type === "session.spawned")).toHaveLength(2);
  });

  test("of one that never ran begins it", () => {
    const failure = { code: "UNAVAILABLE", message: "no such program" } as const;
    const run = play().at(0, { kind: "admitted" }).at(1, { kind: "start-failed", launch: 1, step: "agent", failure });
    expect(run.did("stop")).toHaveLength(1);
    run.at(2, { kind: "wish-restore" }).at(3, { kind: "admitted" });
    expect(run.did("start").at(-1)).toMatchObject({ launch: 2, mode: "first" });
  });

  test("of an archived one brings it back; of a running one does nothing", () => {
    const run = playRunning()
      .at(1 * SEC, kill(true))
      .at(2 * SEC, stopped())
      .at(3 * SEC, removed)
      .at(4 * SEC, { kind: "wish-restore" });
    expect(run.record).toMatchObject({ phase: "queued", isArchived: false, preservedPath: "/keep/app-1" });
    const running = playRunning();
    const before = running.record;
    expect(running.at(0, { kind: "wish-restore" }).record).toBe(before);
  });

  test("of a merged session does not end it again for the same merge", () => {
    const run = playRunning()
      .at(1 * SEC, pr())
      .at(2 * SEC, pr({ state: "merged" }))
      .until(20 * SEC)
      .at(21 * SEC, stopped());
    run
      .at(22 * SEC, { kind: "wish-restore" })
      .at(23 * SEC, { kind: "admitted" })
      .at(24 * SEC, ...launched(24 * SEC, 2));
    expect(run.at(25 * SEC, pr({ state: "merged" })).record.status).toBe("working");
  });
});

describe("cleanup", () => {
  test("removes a merged session an hour after the last activity, and not before", () => {
    const run = playRunning()
      .at(1 * SEC, pr())
      .at(2 * SEC, pr({ state: "merged" }))
      .until(15 * SEC)
      .at(16 * SEC, stopped());
    expect(run.until(HOUR - 1).did("remove")).toEqual([]);
    expect(run.until(HOUR + 20 * SEC).did("remove")).toHaveLength(1);
  });

  test("waits for the agent of a closed pull request to be gone", () => {
    const run = resting()
      .at(2 * SEC, pr())
      .at(3 * SEC, pr({ state: "closed" }))
      .until(30 * DAY);
    expect(run.did("remove")).toEqual([]);
    run
      .at(30 * DAY, exited(30 * DAY, 0))
      .at(30 * DAY + SEC, work(30 * DAY + SEC, { commitsAhead: 1 }))
      .until(37 * DAY + SEC);
    expect(run.did("remove")).toHaveLength(1);
  });

  test("that fails is tried again an hour later, and the session keeps its status", () => {
    const run = playRunning()
      .at(1 * SEC, kill())
      .at(2 * SEC, stopped())
      .until(15 * DAY);
    const failure = { code: "NO_SPACE", message: "no room to keep the work" } as const;
    run.at(15 * DAY, { kind: "effect-failed", key: "remove:app-1:1", action: "remove", failure });
    expect(run.record).toMatchObject({ status: "killed", attention: { level: "action" } });
    expect(run.until(15 * DAY + HOUR).did("remove")).toHaveLength(2);
  });

  test("is off where the config says never", () => {
    const cleanupMs = { merged: null, done: null, closed: null, killed: null, errored: null };
    const run = playRunning({ cleanupMs })
      .at(1 * SEC, kill())
      .at(2 * SEC, stopped())
      .until(400 * DAY);
    expect(run.did("remove")).toEqual([]);
  });
});

test("what a failed start left behind is stopped, and again in an hour where that fails", () => {
  const failure = { code: "UNREACHABLE", message: "no answer" } as const;
  const stopFailure: TestFact = { kind: "effect-failed", key: "stop:app-1:1", action: "stop", failure };
  const run = play()
    .at(0, { kind: "admitted" })
    .at(1 * SEC, { kind: "start-failed", launch: 1, step: "runtime", failure })
    .at(2 * SEC, stopFailure);
  expect(run.did("stop")).toHaveLength(1);
  const restored = play()
    .at(0, { kind: "admitted" })
    .at(1 * SEC, { kind: "start-failed", launch: 1, step: "runtime", failure })
    .at(2 * SEC, stopFailure, { kind: "wish-restore" }, { kind: "admitted" });
  expect(restored.did("start").at(-1)).toMatchObject({ launch: 2, hasLeftovers: true });
  run.until(3700 * SEC);
  expect(run.did("stop")).toHaveLength(2);
  run.at(3701 * SEC, stopped()).until(9000 * SEC);
  expect(run.did("stop")).toHaveLength(2);
  expect(run.record.status).toBe("errored");
});

test('a start that fails after its session said "done" is stopped too', () => {
  const failure = { code: "UNREACHABLE", message: "no answer" } as const;
  const run = play()
    .at(0, { kind: "admitted" })
    .at(1 * SEC, { kind: "reported", state: "done", note: null })
    .at(2 * SEC, work(2 * SEC));
  expect(run.record).toMatchObject({ phase: "ended", ending: { status: "done" } });
  run.at(3 * SEC, { kind: "start-failed", launch: 1, step: "runtime", failure });
  expect(run.did("stop")).toMatchObject([{ key: "stop:app-1:1" }]);
  expect(run.record).toMatchObject({ phase: "ended", ending: { status: "done" } });
});
