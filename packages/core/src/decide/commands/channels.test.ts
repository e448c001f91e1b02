import { aRecord, iso, T0 } from "@agent-orchestrator/testkit/records";
import { expect, test } from "vitest";
import type { State } from "../../model/state.ts";
import { emptyState } from "../../store/fold.ts";
import { NEW_CHANNEL } from "../notices/channel.ts";
import { carryOut } from "./commands.ts";

const CTX = { nowMs: T0 };

test("a channel that works has no outage, and keeps what waits for it", () => {
  const failing = { ...NEW_CHANNEL, failures: 3, failingSince: iso(), retryAt: iso(9), batch: ["n1"], lost: 2 };
  const state: State = { ...emptyState(), channels: { "memory#1": failing } };
  expect(carryOut(state, { kind: "channel-works", channel: "memory#1" }, CTX)).toMatchObject({
    next: { channels: { "memory#1": { failures: 0, failingSince: null, retryAt: null, lost: 0, batch: ["n1"] } } },
  });
  expect(carryOut(state, { kind: "channel-works", channel: "memory#2" }, CTX)).toEqual({ next: state });
});

test("who did what on a channel is told in one line, whatever they call themselves", () => {
  const state = { ...emptyState(), sessions: { "app-1": aRecord() } };
  const by = "Ann\u001b[31m\nwas here";
  const made = carryOut(state, { kind: "note-press", sessionId: "app-1", by, did: "was merged" }, CTX);
  if ("refused" in made) throw new Error(made.refused.message);
  const [event] = made.events ?? [];
  expect(made.next).toBe(state);
  expect(event).toMatchObject({ sessionId: "app-1", projectId: "my-app", draft: { type: "notify.acted" } });
  expect(event?.draft.message).toMatch(/^app-1 was merged, by Ann\P{Cc}*$/u);
});
