import { cleanupDueAt } from "@agent-orchestrator/core/decide/cleanup";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { isAboutRemoval } from "@agent-orchestrator/core/model/removal-notes";
import { at, formatDuration, toIso } from "@agent-orchestrator/core/model/time";
import type { CleanupRow } from "@agent-orchestrator/core/protocol/results";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";

/** Removes now what is due according to `cleanup:`, as the daemon does automatically. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ isDryRun: z.boolean().optional(), isConfirmed: z.boolean().optional() }),
}).returns<CleanupRow[]>(async (app, wanted, call) => {
  const { known } = call.wish;
  const rows = (known?.result?.rows as CleanupRow[] | undefined)?.map((row) => ({ ...row })) ?? candidates(app);
  const due = rows.filter(({ isDue }) => isDue);
  if (wanted.isDryRun === true) return { data: rows };
  if (known === null && due.length > 0 && wanted.isConfirmed !== true) {
    throw new AoError(
      "REFUSED",
      `this would remove ${due.map(({ session }) => session).join(", ")} (their work is saved first)`,
      {
        hint: "Add --yes to go ahead, or --dry-run to see what would happen.",
      },
    );
  }
  if (known === null) {
    const sessionIds = due.map(({ session }) => session);
    const kept = call.wish.keep({ sessionIds, result: { rows: rows.map((row) => ({ ...row })) } });
    for (const row of due) app.engine.tell(row.session, [{ kind: "wish-remove", reason: row.reason }]);
    await kept;
  }
  await Promise.all(due.map((row) => removed(app, row, call)));
  return { data: rows };
});

function candidates(app: App): CleanupRow[] {
  const rows: CleanupRow[] = [];
  for (const record of Object.values(app.engine.state.sessions)) {
    const dueAtMs = record.isArchived ? null : cleanupDueAt(record, app.world.decideContext(record));
    if (dueAtMs === null) continue;
    rows.push({
      session: record.id,
      status: record.status,
      reason: `${record.status}, no activity for ${formatDuration(app.world.clock.now() - at(record.lastActivityAt))}`,
      dueAt: toIso(dueAtMs),
      isDue: dueAtMs <= app.world.clock.now(),
      isDone: false,
      problem: null,
    });
  }
  return rows;
}

async function removed(app: App, row: CleanupRow, { wish, signal }: Call): Promise<void> {
  await app.engine.until(
    (state) => {
      const record = state.sessions[row.session];
      const failure = app.engine.failure(row.session, "remove", wish.seq);
      if (failure !== null) {
        row.problem = failure.hint === undefined ? failure.message : `${failure.message}. ${failure.hint}`;
        row.code = failure.code;
      } else row.problem = record?.phase === "removing" ? null : (record?.removalFailure?.reason ?? null);
      row.isDone = record === undefined || record.isArchived;
      if (row.isDone) row.notes = (record?.notes ?? []).filter(isAboutRemoval);
      return row.isDone || row.problem !== null;
    },
    { signal },
  );
}
