import { prName } from "@agent-orchestrator/core/decide/facts-of";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { sessionToChange, throwIfFailed, viewOf } from "./find.ts";
import { freshSnapshot } from "./snapshot.ts";

export const params = z.object({
  session: z.string(),
  method: z.enum(["merge", "squash", "rebase"]).optional(),
  isConfirmed: z.boolean().optional(),
});

/** Merges the current head, if it may be merged. */
export const run: Handler<"merge"> = async (app, wanted, call) => {
  const record = await sessionToChange(app, wanted.session, call);
  const { snapshot } = await freshSnapshot({ app, call }, record);
  if (snapshot.state === "merged") return { data: viewOf(app, record.id) };
  if (snapshot.state === "closed") throw new AoError("REFUSED", `the pull request of ${record.id} is closed`);
  if (!snapshot.readiness.mergeable) {
    throw new AoError(
      "REFUSED",
      `${record.id} cannot be merged: ${snapshot.readiness.blockers.join("; ") || "not ready"}`,
      {
        hint: `Run \`ao explain ${record.id}\` to see what is missing.`,
      },
    );
  }
  if (wanted.isConfirmed !== true) {
    const what = `${prName(snapshot.info)} (branch ${record.branch}) of ${record.id}`;
    throw new AoError("REFUSED", `this would merge ${what} into ${snapshot.info.baseBranch}`, {
      hint: "Add --yes to go ahead.",
    });
  }
  const before = app.engine.failure(record.id, "merge");
  app.engine.tell(record.id, [{ kind: "wish-merge", headSha: snapshot.headSha, method: wanted.method ?? null }]);
  await app.engine.until(
    (state) => {
      const now = state.sessions[record.id];
      throwIfFailed(app, { id: record.id, kind: "merge", before });
      // A session that ended before it was merged keeps its status, such as killed.
      return now === undefined || now.pr?.state === "merged";
    },
    { signal: call.signal },
  );
  return { data: viewOf(app, record.id) };
};
