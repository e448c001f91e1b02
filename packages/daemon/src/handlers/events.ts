import { z } from "zod";
import type { Handler } from "../app.ts";
import { sessionOf } from "./find.ts";

export const params = z.object({
  session: z.string().optional(),
  limit: z.number().int().min(0).max(100_000).optional(),
  follow: z.boolean().optional(),
  afterSeq: z.number().int().optional(),
  all: z.boolean().optional(),
});

export const run: Handler<"events"> = async (app, wanted, call) => {
  const sessionId = wanted.session === undefined ? null : sessionOf(app, wanted.session).id;
  const query = { sessionId, includeInternal: wanted.all === true };
  const past = app.store.readEvents({ ...query, afterSeq: wanted.afterSeq ?? null, limit: wanted.limit ?? 100 });
  if (wanted.follow !== true) return { data: past };
  let lastSeq = past.at(-1)?.seq ?? app.engine.state.seq;
  for (const event of past) call.item(event);
  const unsubscribe = app.engine.onCommit(() => {
    for (const event of app.store.readEvents({ ...query, afterSeq: lastSeq, limit: 10_000 })) {
      lastSeq = event.seq;
      call.item(event);
    }
  });
  await new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve()));
  unsubscribe();
  return { data: [] };
};
