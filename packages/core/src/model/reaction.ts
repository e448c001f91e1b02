import { z } from "zod";
import { Priority } from "./status.ts";
import { DurationMs, Iso, parseDuration } from "./time.ts";

export const ReactionKey = z.enum([
  "ci-failed",
  "changes-requested",
  "bugbot-comments",
  "merge-conflicts",
  "approved-and-green",
  "agent-idle",
  "agent-stuck",
  "agent-needs-input",
  "agent-exited",
  "pr-closed",
  "all-complete",
]);
export type ReactionKey = z.infer<typeof ReactionKey>;

export const ReactionAction = z.enum(["send-to-agent", "notify", "auto-merge"]);
export type ReactionAction = z.infer<typeof ReactionAction>;

/** One reaction as written in a config. Every key is optional and merged over the defaults. */
export const ReactionInput = z.strictObject({
  auto: z.boolean().optional().describe("`false`: notify you instead."),
  action: ReactionAction.optional().describe("What to do."),
  message: z.string().max(8192).optional().describe("Text for the agent (or for you) before the facts."),
  priority: Priority.optional().describe("Priority of the notification."),
  retries: z
    .number()
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe("How many times to send again for the same problem, at least 1 m apart. Default: 2."),
  /** A duration since the episode began, or a whole number of sends. */
  escalateAfter: z
    .union([
      z.number().int().min(1).max(100),
      z
        .string()
        .refine((text) => parseDuration(text) !== null, "neither a duration (30s, 5m, 1h) nor a whole number of sends"),
    ])
    .optional()
    .describe("When to ask you: after this time, or after this many sends."),
  threshold: DurationMs.optional().describe("How long the problem must last."),
  includeSummary: z.boolean().optional().describe("Include a summary of the sessions."),
});
export type ReactionInput = z.infer<typeof ReactionInput>;

/** One reaction after merging, ready for decisions. */
export interface ReactionConfig {
  auto: boolean;
  action: ReactionAction;
  message: string | null;
  priority: Priority | null;
  /** Sends after the first, or null for `DEFAULT_RETRIES`. */
  retries: number | null;
  escalateAfterMs: number | null;
  escalateAfterSends: number | null;
  thresholdMs: number | null;
  includeSummary: boolean;
}

/** One occurrence of a problem. Lives in the session's record, so it survives restarts. */
export const Episode = z.looseObject({
  reaction: ReactionKey,
  beganAt: Iso,
  /** What the problem was at the last response (head, checks and attempts; comment ids; …). */
  fingerprint: z.string(),
  sends: z.number().int(),
  lastSendAt: Iso.nullable(),
  /** The turn count at the last send: a turn that ended since allows the same fingerprint again where the rule says so. */
  lastSendTurn: z.number().int().nullable(),
  lastMessageId: z.string().nullable(),
  notifiedAt: Iso.nullable(),
  escalatedAt: Iso.nullable(),
  /** Why it is not acted on now: hands-off, paused, untrusted, … */
  held: z.string().nullable(),
  /** The fingerprint before the last message. It counts again if that message is withdrawn. */
  answeredBefore: z.string().optional(),
  turnBefore: z.number().int().nullable().optional(),
  /** The head that the last message referred to. */
  sentHead: z.string().nullable().optional(),
  /** The problem in one line, as last seen. */
  problem: z.string().optional(),
  /** The cause that you were told under, where it is the whole repository's. */
  cause: z.string().optional(),
  /** When a hold ended or the source answered again. Durations start here. */
  clockFrom: Iso.optional(),
  /** The problem was last seen gone then, in that turn: if it is soon back, it is the same occurrence. */
  endedAt: Iso.optional(),
  endedTurn: z.number().int().optional(),
});
export type Episode = z.infer<typeof Episode>;
