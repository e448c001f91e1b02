import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { folderOf, sessionToChange } from "./shared/find.ts";

/** Returns the folder and environment in which a command of the user runs as if in this session. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  needsTerminal: true,
  params: z.object({ session: z.string() }),
}).returns<{ cwd: string; env: Record<string, string> }>(async (app, wanted, call) => {
  const record = await sessionToChange(app, wanted.session, call);
  const cwd = folderOf(record);
  if (call.caller.env !== undefined) app.environments.remember(record.id, call.caller.env);
  return { data: { cwd, env: await app.world.environment(record) } };
});
