import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { idsOfWish, throwIfFailed, viewOf } from "./shared/find.ts";

/** Ends sessions. With `remove`, their work is saved and their checkouts are removed too. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({
    sessions: z.array(z.string()).min(1),
    remove: z.boolean().optional(),
    dropUnreadable: z.boolean().optional(),
    isConfirmed: z.boolean().optional(),
  }),
}).returns<SessionView[]>(async (app, wanted, call) => {
  const ids = await idsOfWish(app, wanted.sessions, call);
  if (call.wish.known === null && wanted.remove === true && wanted.isConfirmed !== true) {
    throw new AoError("REFUSED", `this would remove the worktree of ${ids.join(", ")} (their work is saved first)`, {
      hint: "Add --yes to go ahead.",
    });
  }
  const { remove = false, dropUnreadable = false } = wanted;
  await endSessions(app, ids, { remove, dropUnreadable, call });
  return { data: ids.map((id) => viewOf(app, id)) };
});

interface Ending {
  remove: boolean;
  dropUnreadable?: boolean;
  call: Pick<Call, "wish" | "signal">;
}

/**
 * Resolves when the agents and all their descendants are gone (and, with `remove`, the checkouts are). Those that the wish
 * names already were told to end, and are not told again: they may have been restored since.
 */
export async function endSessions(app: App, ids: readonly string[], ending: Ending): Promise<void> {
  const { remove, dropUnreadable = false, call } = ending;
  const told = call.wish.known?.marks ?? {};
  const fresh = ids.filter((id) => !(id in told));
  const kept = call.wish.keep({ sessionIds: [...ids], marks: Object.fromEntries(fresh.map((id) => [id, 1])) });
  for (const id of fresh) {
    app.engine.tell(id, [{ kind: "wish-kill", remove, dropUnreadable, by: "user", reason: "ended by `ao kill`" }]);
  }
  await kept;
  await Promise.all(
    ids.map((id) => app.engine.until((state) => hasEnded(app, state.sessions[id], ending), { signal: call.signal })),
  );
}

/** Whether what the session was told has been carried out. Throws if it failed. */
function hasEnded(app: App, record: SessionRecord | undefined, { remove, call }: Ending): boolean {
  if (record === undefined) return true;
  const { id, ending, isArchived, phase, removalFailure } = record;
  const { stopping } = record.launch;
  const isUnderWay = Object.values(app.engine.state.intents).some(
    ({ sessionId, action }) => sessionId === id && (action.kind === "stop" || action.kind === "remove"),
  );
  throwIfFailed(app, { id, kind: "remove", wish: call.wish });
  if (isUnderWay || stopping) return false;
  if (ending !== null && (!remove || isArchived)) return true;
  throwIfFailed(app, { id, kind: "stop", wish: call.wish });
  const { at = "" } = call.wish.known ?? {};
  if (ending === null && record.launch.last?.exit === null && (record.launch.stopFailedAt ?? "") > at && at !== "") {
    throw new AoError("FAILED", `${id} could not be stopped`, { hint: `\`ao explain ${id}\` has the details.` });
  }
  if (ending === null) return true; // it had ended, and was restored since
  if (phase === "removing" || removalFailure === null || removalFailure === undefined) return false;
  throw new AoError("FAILED", `${id} could not be removed: ${removalFailure.reason}`, {
    hint: `\`ao explain ${id}\` has the details.`,
  });
}
