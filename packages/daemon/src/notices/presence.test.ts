import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { emptyState } from "@agent-orchestrator/core/store/fold";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { aRecord } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { createPresence } from "./presence.ts";

const HOUR = 3_600_000;

/** A state that the test changes, and whoever listens to its commits. */
function stage() {
  const clock = fakeClock();
  const lastSeen = join(tempDir(), "last-seen.json");
  const warnings: string[] = [];
  const sessions: Record<string, SessionRecord> = {};
  const listeners = new Set<(changed: readonly SessionRecord[]) => void>();
  const open = () => {
    listeners.clear();
    return createPresence({
      engine: {
        state: { ...emptyState(), sessions },
        onCommit: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      clock,
      log: { warn: (text) => warnings.push(text) },
      layout: { lastSeen },
    });
  };
  const now = () => new Date(clock.now()).toISOString();
  const commit = (record: SessionRecord) => {
    sessions[record.id] = record;
    for (const listener of listeners) listener([record]);
  };
  const merged = (id: string): SessionRecord =>
    aRecord({
      id,
      status: "merged",
      statusSince: now(),
      ending: { status: "merged", by: "world", reason: "merged", at: now() },
    });
  const asking = (id: string): SessionRecord =>
    aRecord({
      ...{ id, phase: "running", status: "stuck", statusSince: now() },
      attention: { level: "urgent", reason: "stuck", hint: "h", since: now() },
    });
  return { clock, lastSeen, warnings, open, commit, merged, asking };
}

it("says what happened after hours away, and nothing a moment later", async () => {
  const { clock, open, commit, merged, asking } = stage();
  const presence = open();
  presence.note();
  await clock.advance(HOUR);
  commit(merged("app-1"));
  commit(merged("app-1"));
  commit(merged("app-2"));
  commit(asking("app-3"));
  expect(presence.away()).toBeNull();
  await clock.advance(8 * HOUR);
  expect(presence.away()).toMatchObject({ forMs: 9 * HOUR, merged: 2, need: 1 });
  presence.note();
  expect(presence.away()).toBeNull();
  await clock.advance(9 * HOUR);
  // Nothing has happened since.
  expect(presence.away()).toBeNull();
});

it("remembers it over a restart of the daemon", async () => {
  const { clock, lastSeen, open, commit, merged } = stage();
  const first = open();
  first.note();
  await waitFor(() => readFileSync(lastSeen, "utf8").includes('"merged":[]'), { what: "the file" });
  await clock.advance(HOUR);
  commit(merged("app-1"));
  await clock.advance(HOUR * 6);
  expect(open().away()).toMatchObject({ forMs: 7 * HOUR, merged: 1 });
});

it.each(["", "{", '{"at":"yesterday","merged":[]}', '{"at":1}', "null"])(
  "begins anew with a file that is %j",
  async (text) => {
    const { clock, lastSeen, open } = stage();
    writeFileSync(lastSeen, text);
    const presence = open();
    await clock.advance(9 * HOUR);
    expect(presence.away()).toBeNull();
  },
);
