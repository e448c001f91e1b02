import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import type { LogFilter } from "@agent-orchestrator/core/store/read-log";
import { z } from "zod";
import type { App, Call } from "../app.ts";
import { defineRequest, type Json } from "../define-request.ts";
import { sessionOf } from "./shared/find.ts";

const DEFAULT_LIMIT = 100;

/** The log of events. With `follow`, one item per event until the caller disconnects. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsEnv: false,
  params: z.object({
    session: z.string().optional(),
    limit: z.number().int().min(0).max(100_000).optional(),
    follow: z.boolean().optional(),
    afterSeq: z.number().int().optional(),
    all: z.boolean().optional(),
  }),
}).returns<LoggedEvent[]>(async (app, wanted, call) => {
  const filter: LogFilter = {
    ...(wanted.session === undefined ? {} : { sessionId: await idOf(app, wanted.session, call) }),
    ...(wanted.all === true ? {} : { isPublic: true }),
  };
  const limit = wanted.limit ?? DEFAULT_LIMIT;
  // What is committed from here on is the cursor's.
  const { seq } = app.engine.state;
  const cursor = app.store.log.follow(seq, filter);
  const past =
    wanted.afterSeq === undefined
      ? await app.logWorker.run("tail", { limit, filter }, call.signal)
      : await app.logWorker.run("read", { fromSeq: wanted.afterSeq + 1, limit, filter }, call.signal);
  if (wanted.follow !== true) return { data: past as Json<LoggedEvent[]> };
  for (const event of past.parsed()) if (event.seq <= seq) call.item(event);
  for (const event of cursor.next()) call.item(event);
  const unsubscribe = app.engine.onCommit(() => {
    for (const event of cursor.next()) call.item(event);
  });
  await new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve()));
  unsubscribe();
  return { data: [] };
});

/** One that was put away stays away: its history is in the log. */
async function idOf(app: App, reference: string, call: Call): Promise<string> {
  if (Object.hasOwn(app.engine.state.archive, reference)) return reference;
  return (await sessionOf(app, reference, call)).id;
}
