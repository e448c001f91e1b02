import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { systemClock } from "../host/clock.ts";
import { newId } from "../host/ids.ts";
import { readDaemonInfo, writeDaemonInfo } from "./daemon-info.ts";
import { openStore } from "./store.ts";
import { changed, facts, openReal } from "./testing/sample.ts";

it("returns after reopening what was committed", () => {
  const home = tempDir("ao-store");
  const options = { home, clock: systemClock, ids: newId };
  const store = openStore(options);
  const events = store.commit({
    next: { ...store.state, isPaused: true },
    events: [{ draft: { type: "pr.created", message: "hello", data: { a: 1 } }, sessionId: "a-1", projectId: "a" }],
  });
  expect(events[0]).toMatchObject({ type: "pr.created", priority: "info", message: "hello", sessionId: "a-1" });
  expect(() => openStore(options)).toThrow(/has the state folder/);
  const { state } = store;
  store.close();
  const again = openStore(options);
  expect(again.problems).toEqual([]);
  expect(again.state).toEqual({ ...state, epoch: 2, seq: state.seq + 1 });
  expect(again.log.tail(1, { isPublic: true })[0]).toEqual(events[0]);
  again.close();
});

it("names the process that has the folder", () => {
  const store = openReal(tempDir("ao-store"));
  writeDaemonInfo(store.layout, { pid: 4711, version: "0.1.0" });
  const taken = expect.objectContaining({ code: "TRY_AGAIN", message: expect.stringContaining("pid 4711") });
  expect(() => openReal(store.layout.home)).toThrow(taken);
  expect(readDaemonInfo(store.layout)).toMatchObject({ pid: 4711 });
  store.close();
});

it("writes nothing for a step that changes nothing", () => {
  const store = openReal(tempDir("ao-store"));
  store.commit({ next: changed(store.state, "app-1", {}), events: [] });
  const path = join(store.layout.events, readdirSync(store.layout.events)[0] ?? "");
  const { size } = statSync(path);
  expect(store.commit({ next: { ...store.state }, events: [] })).toEqual([]);
  expect(statSync(path).size).toBe(size);
  store.close();
});

it("keeps the log readable line by line for other programs", () => {
  const store = openReal(tempDir("ao-store"));
  const draft = { type: "ci.failing", priority: "urgent", message: "test failed", data: { sha: "abc" } } as const;
  store.commit({
    next: changed(store.state, "app-1", { turns: 1 }),
    events: [{ draft, sessionId: "app-1", projectId: "app" }],
  });
  store.close();
  const text = readFileSync(join(store.layout.events, "0000000000000001.jsonl"), "utf8");
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ seq, type }) => [seq, type])).toEqual([
    [1, "ao.epoch"],
    [2, "ao.session.new"],
    [3, "ci.failing"],
  ]);
  expect(lines[0]).not.toHaveProperty("priority");
  expect(lines[2]).toMatchObject({ priority: "urgent", projectId: "app", sessionId: "app-1", epoch: 1, batch: [2, 3] });
});

it("commits a change that is too long for one line, and refuses one that can't be split", () => {
  const home = tempDir("ao-store");
  const store = openReal(home);
  store.commit({ next: changed(store.state, "app-1", { notes2: [{ id: "m0" }] } as never), events: [] });
  const notes2 = Array.from({ length: 40 }, (_, n) => ({ id: `m${n}`, text: "x".repeat(64 << 10) }));
  const draft = { type: "session.working", message: "long", data: {} } as const;
  const told = store.commit({
    next: changed(store.state, "app-1", { notes2, summary: "y".repeat(900_000) } as never),
    events: [{ draft, sessionId: "app-1", projectId: "app" }],
  });
  expect(told.map(({ message }) => message)).toEqual(["long"]);
  const before = facts(store.state);
  const tooLong = { next: changed(store.state, "app-1", { summary: "z".repeat(2 << 20) }), events: [] };
  expect(() => store.commit(tooLong)).toThrow(expect.objectContaining({ code: "FAILED" }));
  expect(facts(store.state)).toEqual(before);
  store.close();
  rmSync(store.layout.checkpoint, { force: true });
  rmSync(store.layout.previousCheckpoint, { force: true });
  const again = openReal(home);
  expect(facts(again.state)).toEqual(before);
  expect(again.problems).toEqual([]);
  again.close();
});
