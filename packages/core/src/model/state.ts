import { z } from "zod";
import { ChannelState, Notice } from "./notice.ts";
import { PutAway } from "./put-away.ts";
import { SessionRecord } from "./session.ts";
import { ProjectSpend } from "./spend.ts";
import { Iso } from "./time.ts";

/** An intent that has no result yet. */
export const OpenIntent = z.looseObject({
  key: z.string(),
  sessionId: z.string().nullable(),
  action: z.looseObject({ kind: z.string(), key: z.string() }),
  at: Iso,
});
export type OpenIntent = z.infer<typeof OpenIntent>;

export const InstanceState = z.looseObject({
  id: z.string(),
  configPath: z.string(),
  /** SHA-256 of the parts of the config that need trust, as the user trusted them. */
  trustedPin: z.string().nullable(),
  /** Those parts as text, to show the difference when they change. */
  trustedText: z.string().nullable(),
  /** The config file and its `.local.yaml` as they were trusted. Null if they are too large, or contain a secret. */
  trustedFiles: z.object({ instance: z.string(), local: z.string().nullable() }).nullable().optional(),
  /** Which repository each project is, whatever its path: device, inode and birth of its git folder. */
  repositories: z.record(z.string(), z.string()).optional(),
});
export type InstanceState = z.infer<typeof InstanceState>;

export const ProjectState = z.looseObject({
  /** `{instanceId}-{projectId}` */
  key: z.string(),
  instanceId: z.string(),
  projectId: z.string(),
  isPaused: z.boolean(),
  /** Causes the user was told of once for the whole repository. */
  told: z.array(z.string()),
});
export type ProjectState = z.infer<typeof ProjectState>;

/** A request that changes something, by the id under which its caller asks again after a lost connection. */
export const WishRecord = z.looseObject({
  at: Iso,
  sessionIds: z.array(z.string()),
  /** Which request it was. */
  request: z.string().optional(),
  /** Sequence number of the last record before it was taken up. */
  seq: z.number().int().optional(),
  /** What tells its outcome from what happened later: the number of a launch or pull request, a commit, a pin. By session or name. */
  marks: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  /** What its answer needs and cannot be derived from the state later. */
  result: z.record(z.string(), z.unknown()).optional(),
});
export type WishRecord = z.infer<typeof WishRecord>;

/** Everything: the fold of the event log. */
export const State = z.looseObject({
  /** Sequence number of the last record folded in. */
  seq: z.number().int(),
  /** Counts daemon starts; every record carries it, and one of an older epoch is ignored. */
  epoch: z.number().int(),
  isPaused: z.boolean(),
  /** Highest session number given out per prefix (in lower case), over all instances: an id names one session permanently. */
  lastNumber: z.record(z.string(), z.number().int()),
  instances: z.record(z.string(), InstanceState),
  projects: z.record(z.string(), ProjectState),
  sessions: z.record(z.string(), SessionRecord),
  /** Archived sessions whose records are in files. */
  archive: z.record(z.string(), PutAway),
  intents: z.record(z.string(), OpenIntent),
  /** Notifications on their way, or that nobody has taken up. The oldest is first. */
  notices: z.record(z.string(), Notice),
  /** By `ChannelId`. */
  channels: z.record(z.string(), ChannelState),
  /** What sessions have used, by `{instanceId}-{projectId}`. */
  spend: z.record(z.string(), ProjectSpend),
  /** Causes the user was told of once for all projects. */
  told: z.array(z.string()).optional(),
  /** By the caller's id. */
  wishes: z.record(z.string(), WishRecord),
  /** How long kept work has been due for deletion, in milliseconds of awake time, by session. */
  overdueMs: z.record(z.string(), z.number()).optional(),
  /** Whether `summary.all_complete` was told since the last session ran. */
  isAllCompleteTold: z.boolean(),
});
export type State = z.infer<typeof State>;
