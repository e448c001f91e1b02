import { z } from "zod";
import { InstanceId, ProjectId, SessionId } from "./ids.ts";
import { SessionStatus } from "./status.ts";
import { Iso } from "./time.ts";

/** What stays in memory of an archived session that was put away: what it is found by. Its record is in a file. */
export const PutAway = z.looseObject({
  id: SessionId,
  instanceId: InstanceId,
  projectId: ProjectId,
  createdAt: Iso,
  archivedAt: Iso,
  status: SessionStatus,
  branch: z.string(),
  issue: z.object({ id: z.string(), url: z.string(), tracker: z.string().optional() }).nullable(),
  /** Its pull requests, the last one first. */
  prs: z.array(z.object({ number: z.number(), url: z.string() })),
  /** Where its work is kept, and since when. Null: nothing is. */
  kept: z.object({ path: z.string(), since: Iso }).nullable(),
});
export type PutAway = z.infer<typeof PutAway>;
