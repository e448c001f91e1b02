import { heldComments, isReleased } from "@agent-orchestrator/core/decide/held-comments";
import { refusalOfMessage } from "@agent-orchestrator/core/decide/refusals";
import { AoError } from "@agent-orchestrator/core/model/errors";
import { throwIfRefused } from "@agent-orchestrator/core/model/refusal";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { z } from "zod";
import type { App } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { sessionOfWish } from "./shared/find.ts";

/** Lets held comments through to the agent, as one message. Each goes once. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({
    session: z.string(),
    /** Ids or URLs. */
    comments: z.array(z.string().min(1)).min(1).max(30),
  }),
}).returns<{ session: string; messageId: string; comments: string[] }>(async (app, wanted, call) => {
  const record = await sessionOfWish(app, wanted.session, call);
  const messageId = call.wish.id;
  const known = call.wish.known?.result?.ids as string[] | undefined;
  if (known !== undefined) return { data: { session: record.id, messageId, comments: known } };
  const ids = [...new Set(wanted.comments.map((word) => idOf(app, record, word)))];
  throwIfRefused(refusalOfMessage(record));
  if (call.caller.env !== undefined) app.environments.remember(record.id, call.caller.env);
  const kept = call.wish.keep({ sessionIds: [record.id], result: { ids } });
  app.engine.tell(record.id, [{ kind: "wish-release", messageId, ids }]);
  await kept;
  return { data: { session: record.id, messageId, comments: ids } };
});

function idOf(app: App, record: SessionRecord, word: string): string {
  const held = heldComments(record, app.world.decideContext(record));
  const found = held.find(({ id, url }) => id === word || url === word);
  if (found !== undefined) return found.id;
  const hint = `\`ao review held ${record.id}\` lists them.`;
  if (isReleased(record, word)) throw new AoError("REFUSED", `the agent has been given ${word} already`, { hint });
  throw new AoError("NOT_FOUND", `${record.id} has no held comment ${word}`, { hint });
}
