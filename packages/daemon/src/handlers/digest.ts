import { DIGEST_EVENTS, digestOf } from "@agent-orchestrator/core/decide/digest";
import { addCosts, addTallies, costOf } from "@agent-orchestrator/core/decide/tally";
import { groupOf } from "@agent-orchestrator/core/decide/view";
import type { OrchestratorEvent } from "@agent-orchestrator/core/model/event";
import type { Tally } from "@agent-orchestrator/core/model/spend";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { CostView, Digest } from "@agent-orchestrator/core/protocol/results";
import type { Since } from "@agent-orchestrator/core/store/since";
import { z } from "zod";
import type { App } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { inboxOf } from "../notices/inbox-of.ts";
import { pricesOf } from "../sessions/spending.ts";

/** What happened since a time, what it cost, and what waits for the user now. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsEnv: false,
  params: z.object({ since: z.iso.datetime() }),
}).returns<Digest>(async (app, { since }, call) => {
  const read = await app.logWorker.run("since", { from: since, types: DIGEST_EVENTS }, call.signal);
  const found = read.parsed();
  const sessions = Object.values(app.engine.state.sessions);
  const nowMs = app.world.clock.now();
  const rows = inboxOf(app);
  const count = (group: string) => sessions.filter((record) => groupOf(record) === group).length;
  return {
    data: {
      since,
      until: toIso(nowMs),
      ...digestOf(found.events as unknown as OrchestratorEvent[]),
      isCut: found.isCut,
      ...costSince(app, found),
      waits: rows.filter(({ snoozedUntil }) => snoozedUntil === null),
      snoozed: rows.filter(({ snoozedUntil }) => snoozedUntil !== null).length,
      now: { working: count("working"), waiting: count("waiting"), queued: count("queued") },
    },
  };
});

/** The sums of each project now, without what they were then. */
function costSince(app: App, { spentBefore }: Since): { cost: CostView; isCostWhole: boolean } {
  const costs = Object.entries(spentBefore).flatMap(([key, before]) => {
    const spend = app.engine.state.spend[key];
    if (spend === undefined || before === null) return [];
    return [costOf(addTallies(spend.total, before as Tally, -1), pricesOf(app, spend))];
  });
  return { cost: addCosts(costs), isCostWhole: Object.values(spentBefore).every((before) => before !== null) };
}
