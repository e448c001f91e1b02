import { takesPlace } from "@agent-orchestrator/core/decide/queue";
import { groupOf } from "@agent-orchestrator/core/decide/view";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/results";
import type { App } from "../../app.ts";
import { noticesOf } from "../../notices/status-lines.ts";
import { spendingOf } from "../../sessions/spending.ts";

/** Ended as intended, so it need not be shown. A bad end stays until it is restored, killed or cleaned up. */
export function isQuietlyOver(record: SessionRecord): boolean {
  if (record.isArchived) return true;
  if (record.ending === null || groupOf(record) === "needs-you") return false;
  const { status, by } = record.ending;
  return status === "merged" || status === "done" || (status === "killed" && by === "user");
}

/** What `ao status` says around its rows. */
export function statusMeta(app: App): StatusMeta {
  const { state } = app.engine;
  const counts: Record<string, number> = {};
  let running = 0;
  for (const record of Object.values(state.sessions)) {
    if (record.isArchived) continue;
    counts[record.status] = (counts[record.status] ?? 0) + 1;
    if (takesPlace(record)) running += 1;
  }
  return {
    notices: noticesOf(app),
    counts,
    limits: { running, max: app.configs.machineSessions() },
    cost: spendingOf(app),
    generatedAt: toIso(app.world.clock.now()),
  };
}
