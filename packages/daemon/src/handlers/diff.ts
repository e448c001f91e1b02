import { AoError } from "@agent-orchestrator/core/model/errors";
import type { DecideContext } from "@agent-orchestrator/core/model/policy";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import { z } from "zod";
import { defineRequest } from "../define-request.ts";
import { requireProject } from "../sessions/project-place.ts";
import { folderOf, noteLook, sessionOf } from "./shared/find.ts";

interface Diff {
  text: string;
  base: string;
  /** In base64, only where the patch is not UTF-8. Then \`text\` shows what can be shown. */
  bytes?: string;
}

/** What a session changed. `isForDisplay`: in the form that the user's git settings give it, for a terminal. */
export const request = defineRequest({
  access: "own",
  effect: "look",
  params: z.object({
    session: z.string(),
    paths: z.array(z.string().min(1)).optional(),
    isStaged: z.boolean().optional(),
    /** A table of the files in so many columns, instead of a patch. */
    statColumns: z.number().int().min(20).max(1_000).optional(),
    isForDisplay: z.boolean().optional(),
  }),
}).returns<Diff>(async (app, wanted, call) => {
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
    ...forgeOf(record, app.world.decideContext(record)),
    isStaged: wanted.isStaged ?? false,
    isForDisplay: wanted.isForDisplay ?? false,
    hasBinaries: wanted.isForDisplay !== true,
    paths: wanted.paths ?? [],
    ...(wanted.statColumns === undefined ? {} : { statColumns: wanted.statColumns }),
    encoding: "latin1",
  });
  if (wanted.isForDisplay === true) noteLook(app, record, call);
  return { data: { ...textOf(Buffer.from(told, "latin1")), base: record.baseBranch ?? "" } };
});

/** On a forge the local base branch is behind as a rule. */
const forgeOf = ({ pr: { snapshot: pr } }: SessionRecord, { policy }: DecideContext) =>
  policy.isRemote ? { forge: { baseSha: pr?.baseSha ?? null } } : {};

/** Files need not be UTF-8, and their patch must not change. */
function textOf(bytes: Buffer): { text: string; bytes?: string } {
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? { text } : { text, bytes: bytes.toString("base64") };
}
