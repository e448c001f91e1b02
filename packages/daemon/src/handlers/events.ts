import type { LoggedEvent } from "@agent-orchestrator/core/protocol/results";
import type { LogFilter } from "@agent-orchestrator/core/store/read-log";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
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
    ...(wanted.session === undefined ? {} : { sessionId: (await sessionOf(app, wanted.session, call)).id }),
    ...(wanted.all === true ? {} : { isPublic: true }),
  };
  const limit = wanted.limit ?? DEFAULT_LIMIT;
  const past =
    wanted.afterSeq === undefined
      ? app.store.log.tail(limit, filter)
      : [...app.store.log.read({ fromSeq: wanted.afterSeq + 1, limit, filter })];
  if (wanted.follow !== true) return { data: past as LoggedEvent[] };
  const cursor = app.store.log.follow(app.engine.state.seq, filter);
  for (const event of past) call.item(event);
  const unsubscribe = app.engine.onCommit(() => {
    for (const event of cursor.next()) call.item(event);
  });
  await new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve()));
  unsubscribe();
  return { data: [] };
});
