import { AoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import type { Handler } from "../app.ts";
import { requireProject } from "../project-place.ts";
import { folderOf, noteLook, sessionOf } from "./find.ts";

export const params = z.object({
  session: z.string(),
  paths: z.array(z.string().min(1)).optional(),
  isStaged: z.boolean().optional(),
  statColumns: z.number().int().min(20).max(1_000).optional(),
  isForDisplay: z.boolean().optional(),
});

export const run: Handler<"diff"> = async (app, wanted, call) => {
  const record = await sessionOf(app, wanted.session, call);
  const path = folderOf(record);
  const project = requireProject(app, record);
  const workspace = await app.world.plugins(record).workspace();
  if (workspace.getDiff === undefined)
    throw new AoError("UNAVAILABLE", "this workspace plugin cannot show differences");
  const told = await workspace.getDiff(path, project, {
    signal: call.signal,
    ...(record.baseBranch === null ? {} : { baseBranch: record.baseBranch }),
    ...(record.baseSha === null ? {} : { baseSha: record.baseSha }),
    isStaged: wanted.isStaged ?? false,
    isForDisplay: wanted.isForDisplay ?? false,
    hasBinaries: wanted.isForDisplay !== true,
    paths: wanted.paths ?? [],
    ...(wanted.statColumns === undefined ? {} : { statColumns: wanted.statColumns }),
    encoding: "latin1",
  });
  if (wanted.isForDisplay === true) noteLook(app, record, call);
  return { data: { ...textOf(Buffer.from(told, "latin1")), base: record.baseBranch ?? "" } };
};

/** Files need not be UTF-8, and their patch must not change. */
function textOf(bytes: Buffer): { text: string; bytes?: string } {
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? { text } : { text, bytes: bytes.toString("base64") };
}
