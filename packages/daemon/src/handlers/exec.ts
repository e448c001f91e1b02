import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { sessionToChange } from "./shared/find.ts";

/** Returns the folder and environment in which a command of the user runs as if in this session. */
export const request = defineRequest({
  access: "user",
  effect: "look",
  params: z.object({ session: z.string() }),
}).returns<{ cwd: string; env: Record<string, string> }>(async (app, wanted, call) => {
  const record = await sessionToChange(app, wanted.session, call);
  if (record.workspacePath === null)
    throw new AoError("NOT_FOUND", `${record.id} has no folder now (${record.status})`);
  if (call.caller.env !== undefined) app.environments.remember(record.id, call.caller.env);
  return { data: { cwd: record.workspacePath, env: await app.world.environment(record) } };
});
