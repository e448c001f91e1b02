import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { describe, expect, it } from "vitest";
import { crcHex } from "./crc.ts";
import type { Store } from "./store.ts";
import { toFormat1, unsignedLine } from "./testing/earlier-version.ts";
import { changed, facts, openReal, sampleSession, wrongInLog } from "./testing/sample.ts";

const kinds = (store: Store): string[] => store.problems.map(({ kind }) => kind);

const newestSegment = ({ layout }: Store): string =>
  join(layout.events, readdirSync(layout.events).sort().at(-1) ?? "");

/** What another program can write: a line that has the right number and the right seal. */
function foreignLine(seq: number, epoch: number): string {
  const record = sampleSession("evil-1");
  const at = "2026-01-01T00:00:00.000Z";
  return unsignedLine({ seq, id: "x", ts: at, type: "ao.session.new", sessionId: record.id, record, epoch });
}

/** A home with one session, and its open store. */
function started(): Store {
  const store = openReal(tempDir("ao-store"));
  store.commit({ next: changed(store.state, "app-1", { turns: 1 }), events: [] });
  return store;
}

/** Closes the store without its last checkpoint, as `kill -9` does. */
function crash(store: Store): string {
  const saved = readIfThere(store.layout.checkpoint);
  store.close();
  if (saved === null) rmSync(store.layout.checkpoint, { force: true });
  else writeFileSync(store.layout.checkpoint, saved);
  return store.layout.home;
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

describe("another program changes the log while the daemon runs", () => {
  const CHANGES: Record<string, (store: Store) => void> = {
    "adds a line that takes the next number": (store) =>
      appendFileSync(newestSegment(store), foreignLine(store.state.seq + 1, store.state.epoch)),
    "adds half a line": (store) => appendFileSync(newestSegment(store), '{"seq":3,"id"'),
    "cuts the last line": (store) => truncateSync(newestSegment(store), 300),
    "empties it": (store) => truncateSync(newestSegment(store), 0),
    "removes it": (store) => rmSync(newestSegment(store)),
    "replaces it with a copy": (store) => {
      const path = newestSegment(store);
      const bytes = readFileSync(path);
      rmSync(path);
      writeFileSync(path, bytes);
    },
    "removes the folder": (store) => rmSync(store.layout.events, { recursive: true }),
    "has the next file's name ready": (store) => {
      rmSync(newestSegment(store));
      const next = `${String(store.state.seq + 1).padStart(16, "0")}.jsonl`;
      writeFileSync(join(store.layout.events, next), foreignLine(store.state.seq + 1, store.state.epoch));
    },
  };
  it.each(Object.keys(CHANGES))("and %s: nothing of ours is lost, and it is reported", (name) => {
    const store = started();
    CHANGES[name]?.(store);
    store.commit({ next: changed(store.state, "app-2", { turns: 2 }), events: [] });
    store.commit({ next: changed(store.state, "app-1", { turns: 9 }), events: [] });
    const before = facts(store.state);
    expect(kinds(store)).toContain("log-foreign");
    const again = openReal(crash(store));
    expect(facts(again.state)).toEqual(before);
    expect(again.state.sessions).not.toHaveProperty("evil-1");
    again.close();
  });
});

it("a line that another program adds while no daemon runs doesn't count, and doctor and reader leave it out", () => {
  const store = started();
  const home = crash(store);
  const before = facts(store.state);
  appendFileSync(newestSegment(store), foreignLine(store.state.seq + 1, store.state.epoch));
  expect(wrongInLog(home).map(({ kind }) => kind)).toEqual(["log-foreign"]);
  const again = openReal(home);
  expect(facts(again.state)).toEqual(before);
  expect(kinds(again)).toEqual(["log-foreign"]);
  again.commit({ next: changed(again.state, "app-1", { turns: 5 }), events: [] });
  expect([...again.log.read()].map(({ sessionId }) => sessionId)).not.toContain("evil-1");
  again.close();
  const third = openReal(home);
  expect(third.state.sessions["app-1"]?.turns).toBe(5);
  third.close();
});

it("a checkpoint that another program wrote is not used", () => {
  const store = started();
  const { seq } = store.state;
  const home = crash(store);
  const state = { ...store.state, sessions: { "evil-1": sampleSession("evil-1") } };
  writeFileSync(store.layout.checkpoint, unsignedLine({ format: 2, seq, signedFrom: 1, damaged: {}, state }));
  const again = openReal(home);
  expect(Object.keys(again.state.sessions)).toEqual(["app-1"]);
  expect(kinds(again)).toEqual(["checkpoint-damaged"]);
  again.close();
});

it("an own line in the place of another is reported", () => {
  const store = started();
  store.commit({ next: changed(store.state, "app-1", { turns: 2 }), events: [] });
  const path = newestSegment(store);
  const home = crash(store);
  const other = openReal(home);
  other.commit({ next: changed(other.state, "app-1", { turns: 3 }), events: [] });
  crash(other);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(wrongInLog(home)).toEqual([]);
  // The state before the second start is put back, and the first store's life goes on differently.
  writeFileSync(path, `${lines.slice(0, 2).join("\n")}\n`);
  const fork = openReal(home);
  fork.commit({ next: changed(fork.state, "app-1", { turns: 7 }), events: [] });
  crash(fork);
  const forked = readFileSync(path, "utf8").trimEnd().split("\n");
  writeFileSync(path, `${[...forked.slice(0, 2), lines[2], ...forked.slice(3)].join("\n")}\n`);
  expect(
    wrongInLog(home)
      .map(({ message }) => message)
      .join("\n"),
  ).toMatch(/was not written after the line/);
});

describe("the log and the checkpoint are gone", () => {
  function withoutLog(): { home: string; store: Store } {
    const store = started();
    const handle = { id: "0123456789ab-app-1", runtimeName: "tmux", data: { tmuxName: "0123456789ab-app-1" } };
    const launch = { number: 3, mode: "first", messageId: null, requestedAt: AT, startedAt: AT, handle } as const;
    const program = { ...launch, pid: 1, startId: null, isReady: true, exit: null };
    const extra = { note: "mine", role: "reviewer" };
    const running = changed(store.state, "app-1", {
      launch: { last: program, agentSessionId: "abc" },
      extra,
      branch: "feat/42",
    });
    store.commit({ next: running, events: [] });
    const ending = { status: "merged", by: "user", reason: "merged", at: AT } as const;
    const gone = { isArchived: true, phase: "archived", ending, status: "merged", preservedPath: "/kept" } as const;
    store.commit({ next: changed(store.state, "app-7", gone), events: [] });
    const home = crash(store);
    rmSync(store.layout.events, { recursive: true });
    rmSync(store.layout.checkpoint, { force: true });
    rmSync(store.layout.previousCheckpoint, { force: true });
    return { home, store };
  }

  it("sessions are rebuilt from their metadata, marked, and no id or number is used again", () => {
    const { home, store } = withoutLog();
    const again = openReal(home);
    expect(kinds(again)).toEqual(["log-lost", "session-rebuilt", "session-rebuilt"]);
    const { seq, sessions, lastNumber } = again.state;
    expect(seq).toBeGreaterThan(store.state.seq);
    expect(lastNumber.app).toBe(7);
    const kept = ["agent", "branch", "runtime", "workspacePath", "baseBranch", "extra", "phase"] as const;
    for (const key of kept) expect(sessions["app-1"]?.[key]).toEqual(store.state.sessions["app-1"]?.[key]);
    expect(sessions["app-1"]?.launch.agentSessionId).toBe("abc");
    expect(sessions["app-1"]?.launch.last?.handle).toEqual(store.state.sessions["app-1"]?.launch.last?.handle);
    expect(sessions["app-1"]?.notes[0]).toMatch(/rebuilt from its metadata/);
    const archived = { isArchived: true, phase: "archived", status: "merged", preservedPath: "/kept" };
    expect(sessions["app-7"]).toMatchObject(archived);
    const before = facts(again.state);
    again.close();
    const third = openReal(home);
    expect([facts(third.state), kinds(third)]).toEqual([before, []]);
    third.close();
  });

  it("a session is not made from a file that another program wrote", () => {
    const { home, store } = withoutLog();
    const file = store.layout.project("0123456789ab", "app").metadata("app-1");
    copyFileSync(file, join(dirname(file), "app-9"));
    const text = readFileSync(file, "utf8")
      .replace(/#end[^\n]*\n$/, "")
      .replace("feat/42", "evil");
    const bytes = Buffer.from(text);
    writeFileSync(join(dirname(file), "app-8"), `${text}#end ${bytes.length} ${crcHex(bytes)}\n`);
    const again = openReal(home);
    expect(Object.keys(again.state.sessions).sort()).toEqual(["app-1", "app-7"]);
    again.close();
  });

  it("a start that would forget the session of a checkout is refused", () => {
    const { home, store } = withoutLog();
    const project = store.layout.project("0123456789ab", "app");
    rmSync(project.sessions, { recursive: true });
    mkdirSync(project.worktree("app-1"), { recursive: true });
    const refusal = { code: "REFUSED", message: expect.stringMatching(/event log is gone.*app-1/) };
    expect(() => openReal(home)).toThrow(expect.objectContaining(refusal));
  });
});

it("lines that were cut from the log while no daemon ran are missed, and their numbers are not used again", () => {
  const store = started();
  const { seq } = store.state;
  const path = newestSegment(store);
  const length = readFileSync(path).length;
  store.commit({ next: changed(store.state, "app-1", { summary: "later" }), events: [] });
  const home = crash(store);
  truncateSync(path, length);
  const again = openReal(home);
  expect(kinds(again)).toEqual(["log-lost"]);
  expect(again.state.seq).toBeGreaterThan(seq + 1);
  again.close();
});

it("a home of format 1 is taken over as it is, and unsigned lines no longer count", () => {
  const store = started();
  store.checkpoint();
  store.commit({ next: changed(store.state, "app-2", { turns: 2 }), events: [] });
  const before = facts(store.state);
  const home = crash(store);
  toFormat1(home);
  const again = openReal(home);
  expect([facts(again.state), kinds(again)]).toEqual([before, []]);
  expect(readFileSync(again.layout.format, "utf8")).toBe('{"format":5}\n');
  crash(again);
  rmSync(again.layout.checkpoint, { force: true });
  rmSync(again.layout.previousCheckpoint, { force: true });
  appendFileSync(newestSegment(again), foreignLine(again.state.seq + 1, again.state.epoch));
  const third = openReal(home);
  expect([facts(third.state), kinds(third)]).toEqual([before, ["log-foreign"]]);
  third.close();
});

it("a lost secret is reported, and what was written before it still counts", () => {
  const store = started();
  store.checkpoint();
  store.commit({ next: changed(store.state, "app-2", { turns: 2 }), events: [] });
  const before = facts(store.state);
  const home = crash(store);
  rmSync(store.layout.secret);
  const again = openReal(home);
  expect([facts(again.state), kinds(again)]).toEqual([before, ["secret-lost"]]);
  again.close();
  const third = openReal(home);
  expect([facts(third.state), kinds(third)]).toEqual([before, []]);
  third.close();
});

const AT = "2026-01-01T00:00:00.000Z";
