import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import type { State } from "../model/state.ts";
import { facts, openReal, sampleSession } from "./testing/sample.ts";

const SESSIONS = 200;
const LOG_BYTES = 50 << 20;

const sizeOf = (dir: string) => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

it("opens 200 sessions with a log of 50 MB well below a second", { timeout: 120_000 }, () => {
  const home = tempDir("ao-start");
  const store = openReal(home);
  const sessions: State["sessions"] = {};
  for (let number = 1; number <= SESSIONS; number++) sessions[`app-${number}`] = sampleSession(`app-${number}`);
  store.commit({ next: { ...store.state, sessions }, events: [] });
  const data = { checks: ["build", "test"], text: "x".repeat(200) };
  for (let round = 0, size = 0; size < LOG_BYTES; round++) {
    const changed = Object.entries(store.state.sessions).map(([id, session]) => [id, { ...session, turns: round }]);
    const draft = { type: "session.working", message: `round ${round}`, data } as const;
    const events = Array.from({ length: SESSIONS }, (_, n) => ({ draft, sessionId: `app-${n + 1}`, projectId: "app" }));
    store.commit({ next: { ...store.state, sessions: Object.fromEntries(changed) }, events });
    if (round % 20 === 0) size = sizeOf(store.layout.events);
  }
  const before = facts(store.state);
  store.close();
  const open = () => {
    const from = performance.now();
    const opened = openReal(home);
    const ms = performance.now() - from;
    expect(facts(opened.state)).toEqual(before);
    return { ms, opened };
  };
  const warm = open();
  const from = performance.now();
  expect(warm.opened.log.tail(50, { isPublic: true })).toHaveLength(50);
  const tailMs = performance.now() - from;
  warm.opened.close();
  rmSync(warm.opened.layout.checkpoint, { force: true });
  rmSync(warm.opened.layout.previousCheckpoint, { force: true });
  const cold = open();
  cold.opened.close();
  const megabytes = Math.round(sizeOf(cold.opened.layout.events) / (1 << 20));
  const times = `${Math.round(warm.ms)} ms with the checkpoint, ${Math.round(cold.ms)} ms without`;
  console.log(
    `${SESSIONS} sessions, ${megabytes} MB: opened in ${times}; the last 50 events in ${tailMs.toFixed(1)} ms`,
  );
  expect(warm.ms).toBeLessThan(1000);
  expect(cold.ms).toBeLessThan(15_000);
});

it("commits in well below a millisecond at the median", () => {
  const store = openReal(tempDir("ao-commit"));
  const times: number[] = [];
  for (let number = 1; number <= 300; number++) {
    const next = {
      ...store.state,
      sessions: { ...store.state.sessions, "app-1": sampleSession("app-1", { turns: number }) },
    };
    const from = performance.now();
    store.commit({ next, events: [] });
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  console.log(`commit: p50 ${times[150]?.toFixed(2)} ms, p99 ${times[297]?.toFixed(2)} ms`);
  expect(times[150]).toBeLessThan(20);
  store.close();
});
