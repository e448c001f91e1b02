import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { noteLook, sessionOf } from "./shared/find.ts";

/** As much as a person reads, and a page draws at once. */
const MAX_BYTES = 256 * 1024;

/** The end of a session's conversation, as its agent's own records have it. Null if it keeps none. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsEnv: false,
  params: z.object({ session: z.string() }),
}).returns<{ text: string | null }>(async (app, { session }, call) => {
  const record = await sessionOf(app, session, call);
  const agent = await app.world.plugins(record).agent();
  const text = (await agent.getTranscript?.(app.world.pluginSession(record), { maxBytes: MAX_BYTES })) ?? null;
  noteLook(app, record, call);
  return { data: { text } };
});
