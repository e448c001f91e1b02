import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { askPlugin } from "../ask-plugin.ts";
import { sessionToChange, viewOf } from "./find.ts";
import { freshSnapshot } from "./snapshot.ts";

export const params = z.object({
  session: z.string(),
  state: z.enum(["approved", "changes_requested", "commented"]),
  body: z.string().max(65_536).optional(),
  comments: z
    .array(z.object({ path: z.string().min(1), line: z.number().int().min(1).optional(), body: z.string() }))
    .max(200)
    .optional(),
  headSha: z.string().optional(),
});

export const run: Handler<"review"> = async (app, wanted, call) => {
  const record = await sessionToChange(app, wanted.session, call);
  const { scm, info } = await freshSnapshot({ app, call }, record);
  const submitReview = scm.submitReview?.bind(scm);
  if (submitReview === undefined) throw new AoError("UNAVAILABLE", "this scm cannot take reviews from here");
  const comments = wanted.comments?.map(({ path, line, body }) => ({
    path,
    body,
    ...(line === undefined ? {} : { line }),
  }));
  const review = {
    ...(call.caller.wishId === undefined ? {} : { id: call.caller.wishId }),
    state: wanted.state,
    body: wanted.body ?? "",
    ...(comments === undefined ? {} : { comments }),
    ...(wanted.headSha === undefined ? {} : { headSha: wanted.headSha }),
  };
  await askPlugin({ app, call }, "the scm", (signal) => submitReview(info, review, { signal }));
  app.engine.tell(record.id, [{ kind: "human-did", what: "reviewed" }]);
  await freshSnapshot({ app, call }, record);
  return { data: viewOf(app, record.id) };
};
