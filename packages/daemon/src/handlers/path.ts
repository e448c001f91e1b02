import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { sessionOf } from "./find.ts";

export const params = z.object({ session: z.string() });

export const run: Handler<"path"> = async (app, wanted, call) => {
  const record = await sessionOf(app, wanted.session, call);
  if (record.workspacePath === null || record.isArchived) {
    throw new AoError("NOT_FOUND", `${record.id} has no folder now (${record.status})`, {
      hint: `Run \`ao restore ${record.id}\` to bring it back.`,
    });
  }
  return { data: { path: record.workspacePath } };
};
