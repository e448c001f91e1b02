import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { sessionOf } from "./shared/find.ts";

/** The folder of a session's checkout. */
export const request = defineRequest({
  access: "own",
  effect: "look",
  needsEnv: false,
  params: z.object({ session: z.string() }),
}).returns<{ path: string }>(async (app, wanted, call) => {
  const record = await sessionOf(app, wanted.session, call);
  if (record.workspacePath === null || record.isArchived) {
    throw new AoError("NOT_FOUND", `${record.id} has no folder now (${record.status})`, {
      hint: `Run \`ao restore ${record.id}\` to bring it back.`,
    });
  }
  return { data: { path: record.workspacePath } };
});
