import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { App, Handler } from "../app.ts";
import { idsToChange, throwIfFailed, viewOf } from "./find.ts";

export const params = z.object({
  sessions: z.array(z.string()).min(1),
  remove: z.boolean().optional(),
  dropUnreadable: z.boolean().optional(),
  isConfirmed: z.boolean().optional(),
});

export const run: Handler<"kill"> = async (app, wanted, call) => {
  const ids = await idsToChange(app, wanted.sessions, call);
  if (wanted.remove === true && wanted.isConfirmed !== true) {
    throw new AoError("REFUSED", `this would remove the worktree of ${ids.join(", ")} (their work is saved first)`, {
      hint: "Add --yes to go ahead.",
    });
  }
  const { remove = false, dropUnreadable = false } = wanted;
  await endSessions(app, ids, { remove, dropUnreadable, signal: call.signal });
  return { data: ids.map((id) => viewOf(app, id)) };
};

/** Resolves when the agents and all their descendants are gone (and, with `remove`, the checkouts are). */
export async function endSessions(
  app: App,
  ids: string[],
  options: { remove: boolean; dropUnreadable?: boolean; signal: AbortSignal },
): Promise<void> {
  const before = new Map(ids.map((id) => [id, app.engine.failure(id, "remove")]));
  for (const id of ids) {
    const { remove, dropUnreadable = false } = options;
    app.engine.tell(id, [{ kind: "wish-kill", remove, dropUnreadable, by: "user", reason: "ended by `ao kill`" }]);
  }
  await Promise.all(
    ids.map((id) =>
      app.engine.until(
        (state) => {
          const record = state.sessions[id];
          if (record === undefined) return true;
          throwIfFailed(app, { id, kind: "remove", before: before.get(id) ?? null });
          const hasIntent = Object.values(state.intents).some(
            ({ sessionId, action }) => sessionId === id && (action.kind === "stop" || action.kind === "remove"),
          );
          return record.ending !== null && !hasIntent && (!options.remove || record.isArchived);
        },
        { signal: options.signal },
      ),
    ),
  );
}
