import { refusalOfPr } from "@agent-orchestrator/core/decide/duplicates";
import { hasOpenPr, isOver } from "@agent-orchestrator/core/decide/facts-of";
import { refusalOfClaim } from "@agent-orchestrator/core/decide/refusals";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { OpenIntent } from "@agent-orchestrator/core/model/state";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { branchOf, existingPr } from "../sessions/existing-pr.ts";
import { requireProject } from "../sessions/project-place.ts";
import { sessionOfWish, throwIfFailed, viewOf } from "./shared/find.ts";

/** A session takes over an existing pull request: its checkout goes over to the branch, and its agent is told what it says. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({ session: z.string(), pr: z.string().min(1) }),
}).returns<SessionView>(async (app, wanted, call) => {
  const record = await sessionOfWish(app, wanted.session, call);
  const number = Number(call.wish.known?.marks?.[record.id] ?? (await take(app, record, { pr: wanted.pr, call })));
  await app.engine.until(
    (state) => {
      throwIfFailed(app, { id: record.id, kind: "take-pr", wish: call.wish });
      const now = state.sessions[record.id];
      if (now === undefined) throw new AoError("NOT_FOUND", `${record.id} is gone`);
      if (now.pr.snapshot?.info.number === number) return true;
      const isUnderWay = ({ sessionId, action }: OpenIntent) => sessionId === now.id && action.kind === "take-pr";
      if (Object.values(state.intents).some(isUnderWay)) return false;
      throw new AoError("TRY_AGAIN", `${now.id} has not taken over PR ${number}: it is ${now.status}`);
    },
    { signal: call.signal },
  );
  return { data: viewOf(app, record.id) };
});

/** Returns the number of the pull request. */
async function take(app: App, record: SessionRecord, { pr, call }: { pr: string; call: Call }): Promise<number> {
  const config = requireProject(app, record);
  app.configs.requireTrusted(record.instanceId);
  const info = await existingPr({ app, call, config }, pr);
  if (!isOver(record) && hasOpenPr(record) && record.pr.snapshot?.info.number === info.number) return info.number;
  throwIfRefused(refusalOfClaim(app.engine.state.sessions[record.id] ?? record));
  throwIfRefused(refusalOfPr(app.engine.state, record, info.number));
  const kept = call.wish.keep({ sessionIds: [record.id], marks: { [record.id]: info.number } });
  app.engine.tell(record.id, [{ kind: "wish-claim", pr: info, branch: branchOf(info) }]);
  await kept;
  return info.number;
}
