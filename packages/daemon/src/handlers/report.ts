import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { sessionOfWish } from "./shared/find.ts";

const ReportState = z.enum(["working", "waiting", "needs_input", "blocked", "done"]);

/** Records a fact that an agent (or one of its hooks) reports about itself. */
export const request = defineRequest({
  access: "own",
  effect: "change",
  needsEnv: false,
  params: z.object({
    state: z.string(),
    note: z.string().max(4096).optional(),
    session: z.string().optional(),
  }),
}).returns<{ session: string; state: string }>(async (app, wanted, call) => {
  const state = ReportState.safeParse(wanted.state);
  if (!state.success) {
    throw new AoError("USAGE", `no such state: ${wanted.state}`, { hint: `One of ${ReportState.options.join(", ")}.` });
  }
  const reference = wanted.session ?? call.agentSession ?? app.world.sessionAt(call.caller.cwd);
  if (reference === null)
    throw new AoError("USAGE", "which session? `ao report` was not called from within a session", {
      hint: "Name the session with --session.",
    });
  const record = await sessionOfWish(app, reference, call);
  if (call.wish.known === null) {
    const kept = call.wish.keep({ sessionIds: [record.id] });
    app.engine.tell(record.id, [{ kind: "reported", state: state.data, note: wanted.note ?? null }]);
    // The engine keeps what cannot be written now, and tries again.
    await kept.catch(() => undefined);
  }
  return { data: { session: record.id, state: state.data } };
});
