import { z } from "zod";
import { CIStatus, PRState, ReviewDecision } from "./pull-request.ts";
import { Kinds } from "./spend.ts";
import { ActivitySource, ActivityState, Attention, SessionStatus } from "./status.ts";
import { Iso } from "./time.ts";
import { TurnFailureKind } from "./turn-failure.ts";

/** The groups of `ao status`, in the order they are shown. */
export const StatusGroup = z.enum(["needs-you", "ready-to-merge", "working", "waiting", "queued", "ended"]);
export type StatusGroup = z.infer<typeof StatusGroup>;

/** The open question of an agent, as `ao answer` can answer it. */
export const OpenQuestion = z.object({
  /** Null if it asked with `ao report`, or if no more is known than that it has a question. */
  dialogId: z.string().nullable(),
  kind: z.enum(["permission", "question", "notice", "report"]),
  text: z.string(),
  /** In the agent's own order; the first one is number 1. */
  choices: z.array(z.string()),
  takesText: z.boolean(),
  canAlways: z.boolean(),
  /** Why only the terminal can answer it. */
  onlyInTerminal: z.string().nullable(),
});
export type OpenQuestion = z.infer<typeof OpenQuestion>;

/** What somebody who may not instruct the agent wrote. The agent gets it when the user releases it. */
export const HeldComment = z.object({
  id: z.string(),
  author: z.string(),
  isBot: z.boolean(),
  /** A review that requests changes. */
  isRequest: z.boolean(),
  /** Null for what is about the whole pull request. */
  path: z.string().nullable(),
  line: z.number().int().nullable(),
  body: z.string(),
  createdAt: Iso,
  url: z.string().nullable(),
});
export type HeldComment = z.infer<typeof HeldComment>;

/** A session in `--json` and the API. Null if unknown, never a guess. */
export const SessionView = z.object({
  id: z.string(),
  projectId: z.string(),
  status: SessionStatus,
  activity: z
    .object({
      state: ActivityState,
      since: Iso,
      source: ActivitySource,
      /** For `limited`: when the vendor's usage limit ends. Null if unknown. */
      resetsAt: Iso.nullable().optional(),
      /** A line at the end of an idle agent's screen that reads like a failure. */
      guess: z.string().optional(),
      /** The error that its last turn ended with. */
      failure: z.object({ kind: TurnFailureKind, text: z.string() }).optional(),
    })
    .nullable(),
  attention: Attention.nullable(),
  agent: z.string(),
  runtime: z.string(),
  /** The agents that had it before, oldest first. */
  formerAgents: z.array(z.string()),
  branch: z.string(),
  issue: z.object({ id: z.string(), title: z.string(), url: z.string() }).nullable(),
  pr: z
    .object({
      number: z.number().int(),
      url: z.string(),
      state: PRState,
      ci: CIStatus,
      review: ReviewDecision,
      mergeable: z.boolean().nullable(),
      headSha: z.string(),
      /** The branch that it is merged into. */
      baseBranch: z.string(),
      /** Null if not known yet. */
      hasConflicts: z.boolean().nullable(),
      /** The repository of its branch, if that is another one: nothing can be pushed there. */
      fork: z.string().optional(),
      /** When the scm last answered for it. Null if it never has. */
      asOf: Iso.nullable(),
      /** While it is in its base's merge queue. The position counts from 1, null if not known yet. */
      mergeQueue: z.object({ position: z.number().int().nullable() }).optional(),
    })
    .nullable(),
  workspacePath: z.string().nullable(),
  createdAt: Iso,
  lastActivityAt: Iso,
  summary: z.string().nullable(),
  cost: z
    .object({
      /** Null if some of it has no price. */
      usd: z.number().nullable(),
      /** Uncached tokens: input, output and what was written to a cache. */
      tokens: z.number().nullable(),
      /** The model that was used most. */
      model: z.string().nullable(),
      /** Null if the agent only reports one number. */
      kinds: Kinds.nullable(),
      /** Dollars of the part that has a price. `usd` is at least this. */
      knownUsd: z.number().nullable(),
      /** Models without a price. */
      unpriced: z.array(z.string()),
      models: z.array(
        z.object({
          model: z.string().nullable(),
          usd: z.number().nullable(),
          tokens: z.number(),
          kinds: Kinds,
        }),
      ),
    })
    .nullable(),
  /** Beyond the fixed part. May grow. */
  instanceId: z.string(),
  group: StatusGroup,
  statusSince: Iso,
  /** When its checkout is removed without being asked to. Null if it is kept, or in use. */
  removalAt: Iso.nullable(),
  /** Why it has this status, in one line. */
  because: z.string(),
  /** What you can do next, as text output shows it: one or two commands. Null if it continues without you. */
  next: z.string().nullable(),
  question: OpenQuestion.nullable(),
  /** `ao inbox` hides it until then. Null if it is not snoozed. */
  snoozedUntil: Iso.nullable(),
  /** The permission mode that its agent was started with. Null for the agent's default. */
  permissions: z.string().nullable(),
  /** Reactions that are held, and why. */
  held: z.array(z.string()),
  /** How many comments of others wait for `ao review release`. */
  heldComments: z.number().int(),
  /** Processes of an interrupted tool call that still run although its turn is over. `ao interrupt --kill` ends them. */
  leftRunning: z.array(z.object({ pid: z.number().int(), command: z.string() })),
  isArchived: z.boolean(),
  isPaused: z.boolean(),
  pid: z.number().int().nullable(),
  queuedFor: z.string().nullable(),
  /** What must be merged, done or closed before it starts: a session or an issue, and since when it is. */
  after: z.array(
    z.object({
      session: z.string().nullable(),
      issue: z.string().nullable(),
      by: z.enum(["user", "tracker"]),
      metAt: Iso.nullable(),
    }),
  ),
  /** While `postCreate` runs: which command, since when, the last line that it printed, and all of it in words. */
  setUp: z.object({ command: z.string(), since: Iso, lastLine: z.string().nullable(), text: z.string() }).optional(),
  baseNote: z.string().nullable(),
  /** The branch that it builds on. Null if not known yet. */
  baseBranch: z.string().nullable(),
  /** Earlier pull requests, oldest first. */
  formerPrs: z.array(
    z.object({
      number: z.number().int(),
      url: z.string(),
      state: PRState,
      headSha: z.string(),
      baseBranch: z.string(),
    }),
  ),
  notes: z.array(z.string()),
  /** Pending messages and the last settled ones, newest last. */
  messages: z.array(
    z.object({
      id: z.string(),
      origin: z.enum(["user", "reaction", "system"]),
      state: z.string(),
      heldFor: z.string().nullable(),
      text: z.string(),
      createdAt: Iso,
      failure: z.string().nullable(),
    }),
  ),
});
export type SessionView = z.infer<typeof SessionView>;
