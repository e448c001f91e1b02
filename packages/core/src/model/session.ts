import { z } from "zod";
import { Activity } from "./activity.ts";
import { InstanceId, ProjectId, SessionId } from "./ids.ts";
import { CutTool, LeftRunning } from "./left-running.ts";
import { Message } from "./message.ts";
import { ownObject } from "./own-object.ts";
import { LostPredecessor, Predecessor } from "./predecessor.ts";
import { Episode, ReactionKey } from "./reaction.ts";
import { SessionIssue, SessionPr } from "./session-pr.ts";
import { SessionLimits, SessionUsage } from "./session-usage.ts";
import { Snooze } from "./snooze.ts";
import { ActivitySource, Attention, SessionStatus } from "./status.ts";
import { Iso } from "./time.ts";

/**
 * The phase of a session's life, changed only by committed facts.
 * queued → starting → running ⇄ down → ended → archived, and `removing` during a removal.
 * `down`: a launch ended but the session has not (between turns of a per-turn agent, or an agent that exited).
 */
export const Phase = z.enum(["queued", "starting", "running", "down", "ended", "removing", "archived"]);
export type Phase = z.infer<typeof Phase>;

export const ExitInfo = z.looseObject({
  /** Null if unknown. */
  code: z.number().int().nullable(),
  signal: z.string().nullable(),
  at: Iso,
  lastOutput: z.string().nullable(),
  /** `ao` itself ended it (kill, restore, next turn), so it is no surprise. */
  wasAsked: z.boolean(),
  /** The user interrupted it just before, and that ended the program. */
  wasInterrupted: z.boolean().optional(),
});
export type ExitInfo = z.infer<typeof ExitInfo>;

export const Launch = z.looseObject({
  /** Counts from 1. */
  number: z.number().int(),
  mode: z.enum(["first", "restore", "turn", "handoff"]),
  /** The message that this launch carries (per-turn agents). */
  messageId: z.string().nullable(),
  requestedAt: Iso,
  startedAt: Iso.nullable(),
  handle: z
    .looseObject({ id: z.string(), runtimeName: z.string(), data: z.record(z.string(), z.unknown()) })
    .nullable(),
  pid: z.number().int().nullable(),
  startId: z.string().nullable(),
  isReady: z.boolean(),
  /** When its start failed. It never ran. */
  failedAt: Iso.nullable().optional(),
  exit: ExitInfo.nullable(),
});
export type Launch = z.infer<typeof Launch>;

/** What a session was asked to do. The issue's text comes from strangers. */
export const Task = z.looseObject({
  issue: z
    .looseObject({
      id: z.string(),
      title: z.string(),
      url: z.string(),
      /** Of a project with several trackers: the one that it was found in. */
      tracker: z.string().optional(),
    })
    .nullable(),
  /** The user's own words (`--prompt`). */
  prompt: z.string().nullable(),
});
export type Task = z.infer<typeof Task>;

export const Work = z.looseObject({
  branch: z.string().nullable(),
  headSha: z.string().nullable(),
  commitsAhead: z.number().int(),
  changedFiles: z.number().int(),
  unpushedCommits: z.number().int(),
  operation: z.string().nullable(),
  sharedConfig: z.record(z.string(), z.string()).optional(),
  sharedConfigBefore: z.record(z.string(), z.string()).optional(), // only in the fact
  at: Iso,
});
export type Work = z.infer<typeof Work>;

/** How a session ended, by which fact. */
export const Ending = z.looseObject({
  status: z.enum(["killed", "terminated", "errored", "merged", "done"]),
  /** `user`: by `ao kill` or the like. `world`: observed. `agent`: it said so. */
  by: z.enum(["user", "world", "agent", "ao"]),
  reason: z.string(),
  at: Iso,
});
export type Ending = z.infer<typeof Ending>;

/** A requested stop that has not happened yet, and what follows it. */
export const Stopping = z.looseObject({
  launch: z.number().int(),
  reason: z.string(),
  requestedAt: Iso,
  ending: Ending.nullable(),
  remove: z.boolean(),
  dropUnreadable: z.boolean().optional(),
});
export type Stopping = z.infer<typeof Stopping>;

export const HandingOver = z.looseObject({
  wishId: z.string(),
  agent: z.string(),
  agentOptions: z.record(z.string(), z.unknown()),
  /** The user's message for it. */
  words: z.string().nullable(),
  requestedAt: Iso,
});
export type HandingOver = z.infer<typeof HandingOver>;

export const FormerAgent = z.looseObject({
  agent: z.string(),
  agentOptions: z.record(z.string(), z.unknown()),
  agentSessionId: z.string().nullable(),
  launch: Launch.nullable(),
  until: Iso,
  /** The wish that ended its time. */
  wishId: z.string().optional(),
});
export type FormerAgent = z.infer<typeof FormerAgent>;

/** The agent's program: its last start, how it is stopped, and what its conversation is called. */
const SessionLaunch = ownObject({
  last: Launch.nullable(),
  agentSessionId: z.string().nullable(),
  /** The program ran at least once, so a later start resumes. */
  hasStarted: z.boolean().optional(),
  stopping: Stopping.nullable().optional(),
  stopFailedAt: Iso.nullable().optional(),
});

const SessionHandover = ownObject({
  /** The agent that takes over once the present one has stopped. */
  next: HandingOver.nullable().optional(),
  /** The agents that had this session before, oldest first. */
  former: z.array(FormerAgent).optional(),
  /** The present agent has not yet been told what it takes over. */
  takesOver: z.looseObject({ words: z.string().nullable() }).nullable().optional(),
});

const SessionMessages = ownObject({
  list: z.array(Message),
  /** Messages of reactions that were sent or are being sent. */
  reactionSends: z.number().int().optional(),
  /** The number of messages that reactions have queued, for their ids. */
  reactionMessages: z.number().int().optional(),
});

/** What belongs together in a record. A group is always there; what is optional in it may be absent. */
export const GROUPS = {
  launch: SessionLaunch,
  pr: SessionPr,
  issue: SessionIssue,
  messages: SessionMessages,
  usage: SessionUsage,
  limits: SessionLimits,
  handover: SessionHandover,
} as const;
export type GroupName = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as GroupName[];

/** What decisions remember for later decisions. Absent means nothing yet. */
const Memory = {
  /** What each source reports of the agent. The best one is `activity`. */
  claims: z.partialRecord(ActivitySource, Activity).optional(),
  /** What must be merged, done or closed before it starts. */
  after: z.array(Predecessor).optional(),
  /** One of them that will not end well by itself. */
  afterLost: LostPredecessor.nullable().optional(),
  archivedAt: Iso.nullable().optional(),
  /** Why the last removal failed, and when. */
  removalFailure: z.looseObject({ reason: z.string(), at: Iso }).nullable().optional(),
  /** Keys of the shared git config that changed since the session began, the newest last. */
  configChanged: z.looseObject({ keys: z.array(z.string()), at: Iso }).optional(),
  /** The branch that its checkout is on instead of its own, and the head. `reason`: why it is not followed, or null while that is being tried. */
  stray: z
    .looseObject({ branch: z.string(), headSha: z.string().nullable(), reason: z.string().nullable() })
    .nullable()
    .optional(),
  cutTool: CutTool.nullable().optional(),
  leftRunning: LeftRunning.nullable().optional(),
  /** When the agent last committed, pushed or called the forge. */
  repositoryChangedAt: Iso.nullable().optional(),
  /** When the workspace could not be inspected. */
  workUnansweredAt: Iso.nullable().optional(),
  /** Causes that the user was notified of. */
  told: z.array(z.string()).optional(),
  /** What the user did through `ao`, and when last. */
  humanDid: z.record(z.string(), Iso).optional(),
  /** The user's last answer to a dialog. `claim`: what it answered, until the agent reports something new. */
  answered: z
    .looseObject({
      wishId: z.string(),
      dialogId: z.string(),
      choice: z.string(),
      at: Iso,
      claim: Activity.nullable(),
    })
    .nullable()
    .optional(),
  /** The last dialog that is no longer open. `wasAnswered`: by an answer through `ao`. */
  lastDialog: z.looseObject({ id: z.string(), closedAt: Iso, wasAnswered: z.boolean() }).nullable().optional(),
  snooze: Snooze.nullable().optional(),
  /** Occurrences that ended a short while ago, with what was sent about them. */
  pastEpisodes: z.partialRecord(ReactionKey, Episode).optional(),
};

/** Everything that is known about one session. The fold of the event log, immutable in memory. */
export const SessionRecord = ownObject({
  id: SessionId,
  projectId: ProjectId,
  instanceId: InstanceId,
  createdAt: Iso,
  task: Task,
  /** Names as chosen at spawn, kept for the session's life. */
  agent: z.string(),
  runtime: z.string(),
  workspace: z.string(),
  agentOptions: z.record(z.string(), z.unknown()),
  branch: z.string(),
  useExistingBranch: z.boolean(),
  baseBranch: z.string().nullable(),
  baseSha: z.string().nullable(),
  baseNote: z.string().nullable(),
  notes: z.array(z.string()),
  /** Null until the checkout exists (and again after a removal). */
  workspacePath: z.string().nullable(),
  ports: z.looseObject({ first: z.number().int(), count: z.number().int() }).nullable(),
  phase: Phase,
  /** Why it waits, for `queued`. */
  queuedFor: z.string().nullable(),
  ending: Ending.nullable(),
  activity: Activity.nullable(),
  /** What the agent last said with `ao report`. Valid for the launch in which it was said. */
  report: z.looseObject({ state: z.string(), note: z.string().nullable(), at: Iso, turn: z.number().int() }).nullable(),
  /** The number of turns that ended, over all launches. */
  turns: z.number().int(),
  turnStartedAt: Iso.nullable(),
  turnEndedAt: Iso.nullable(),
  /** The latest sign of progress: output, commit, report, transcript. */
  progressAt: Iso.nullable(),
  humanInputAt: Iso.nullable(),
  work: Work.nullable(),
  episodes: z.partialRecord(ReactionKey, Episode),
  isPaused: z.boolean(),
  summary: z.string().nullable(),
  status: SessionStatus,
  statusSince: Iso,
  /** The rule that gave the status, for `ao explain`. */
  statusRule: z.string(),
  attention: Attention.nullable(),
  lastActivityAt: Iso,
  /** Where its work was kept before a removal. */
  preservedPath: z.string().nullable(),
  isArchived: z.boolean(),
  /** Keys of people and scripts (`ao set`), kept permanently. */
  extra: z.record(z.string(), z.string()),
  ...GROUPS,
  ...Memory,
});
export type SessionRecord = z.infer<typeof SessionRecord>;
