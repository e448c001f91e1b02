import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { sessionOf } from "./find.ts";

export const params = z.object({ session: z.string() });

export const run: Handler<"diff"> = async (app, wanted, call) => {
  const record = sessionOf(app, wanted.session);
  const project = app.world.project(record);
  if (record.workspacePath === null || project === null) {
    throw new AoError("NOT_FOUND", `${record.id} has no folder now (${record.status})`);
  }
  const workspace = await app.world.plugins(record).workspace();
  if (workspace.getDiff === undefined) throw new AoError("UNAVAILABLE", "this workspace plugin shows no differences");
  const text = await workspace.getDiff(record.workspacePath, project, {
    signal: call.signal,
    ...(record.baseBranch === null ? {} : { baseBranch: record.baseBranch }),
    ...(record.baseSha === null ? {} : { baseSha: record.baseSha }),
  });
  return { data: { text, base: record.baseBranch ?? "" } };
};
