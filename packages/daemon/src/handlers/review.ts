import { failpoint } from "@agent-orchestrator/core/host/failpoint";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { askPlugin } from "../registry/ask-plugin.ts";
import { sessionOfWish, viewOf } from "./shared/find.ts";
import { freshSnapshot } from "./shared/snapshot.ts";

/** Writes a review of a pull request. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  params: z.object({
    session: z.string(),
    state: z.enum(["approved", "changes_requested", "commented"]),
    body: z.string().max(65_536).optional(),
    /** One per `path:line`. `body` is that comment's text. */
    comments: z
      .array(z.object({ path: z.string().min(1), line: z.number().int().min(1).optional(), body: z.string() }))
      .max(200)
      .optional(),
    headSha: z.string().optional(),
  }),
}).returns<SessionView>(async (app, wanted, call) => {
  const record = await sessionOfWish(app, wanted.session, call);
  const { known } = call.wish;
  if (known?.result?.isWritten === true) return { data: viewOf(app, record.id) };
  const { scm, info: current } = await freshSnapshot({ app, call }, record);
  const info = (known?.result?.info as PRInfo | undefined) ?? current;
  const submitReview = scm.submitReview?.bind(scm);
  if (submitReview === undefined) throw new AoError("UNAVAILABLE", "this scm cannot take reviews from here");
  await call.wish.keep({ sessionIds: [record.id], result: { info } });
  const comments = wanted.comments?.map(({ path, line, body }) => ({
    path,
    body,
    ...(line === undefined ? {} : { line }),
  }));
  const review = {
    id: call.wish.id,
    state: wanted.state,
    body: wanted.body ?? "",
    ...(comments === undefined ? {} : { comments }),
    ...(wanted.headSha === undefined ? {} : { headSha: wanted.headSha }),
  };
  await askPlugin({ app, call }, "the scm", (signal) => submitReview(info, review, { signal }));
  failpoint("review.written");
  const kept = call.wish.keep({ result: { isWritten: true } });
  app.engine.tell(record.id, [{ kind: "human-did", what: "reviewed" }]);
  await kept;
  await freshSnapshot({ app, call }, record);
  return { data: viewOf(app, record.id) };
});
