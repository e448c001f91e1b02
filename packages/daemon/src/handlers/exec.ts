import { z } from "zod";
import type { Handler } from "../app.ts";
import { folderOf, sessionToChange } from "./find.ts";

export const params = z.object({ session: z.string() });

/** Returns the folder and environment in which a command of the user runs as if in this session. */
export const run: Handler<"exec"> = async (app, wanted, call) => {
  const record = await sessionToChange(app, wanted.session, call);
  const cwd = folderOf(record);
  if (call.caller.env !== undefined) app.environments.remember(record.id, call.caller.env);
  return { data: { cwd, env: await app.world.environment(record) } };
};
