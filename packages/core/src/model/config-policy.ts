import { z } from "zod";
import { DurationMs } from "./time.ts";

export const Port = z.int().min(0).max(65_535);

const Dollars = z.number().positive().max(1e9);
const Tokens = z.int().positive().max(1e15);

/** One number for each session, or by what is counted together. */
const boundsOf = (amount: z.ZodNumber) =>
  z.union([
    amount,
    z.strictObject({
      session: amount.optional().describe("For each session."),
      project: amount.optional().describe("For everything a project ever uses."),
      day: amount
        .optional()
        .describe("For a day. In the user's own config: of everything; else: of the projects of this config."),
    }),
  ]);

const Sessions = z.int().min(1).max(10_000);

/** Bounds of one project. */
export const ProjectLimitsInput = z.strictObject({
  maxConcurrentSessions: Sessions.optional().describe("Agents of this project that work at the same time."),
});

export const LimitsInput = z.strictObject({
  maxConcurrentSessions: Sessions.optional()
    .describe(
      "Agents that work at the same time; the rest wait as `queued`. In the user's own config: on the whole machine; else: of this config, below that.",
    )
    .meta({ standard: 10 }),
  maxCostUsd: boundsOf(Dollars)
    .optional()
    .describe("Dollars, for each session; or a map with `session`, `project`, `day`."),
  maxTokens: boundsOf(Tokens)
    .optional()
    .describe("Uncached tokens, for each session; or a map with `session`, `project`, `day`."),
  maxReactionsPerSession: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe("Messages that reactions send to one session; then the human is asked instead."),
});
export type LimitsInput = z.infer<typeof LimitsInput>;
export type BoundsInput = NonNullable<LimitsInput["maxCostUsd"]>;

export const TrustInput = z.strictObject({
  authors: z
    .enum(["write"])
    .optional()
    .describe("Whose reviews and comments may cause a send to an agent: people with write access.")
    .meta({ standard: "write" }),
  bots: z
    .array(z.string().min(1).max(200))
    .max(200)
    .optional()
    .describe("Bots whose comments may, by name.")
    .meta({ standard: [] }),
});

/** A duration, or `never`; parsed to milliseconds or null. */
export const Keep = z.union([z.literal("never").transform(() => null), DurationMs]);

export const CleanupInput = z.strictObject({
  merged: Keep.optional()
    .describe("Merged sessions are removed this long after their last activity.")
    .meta({ standard: "1h" }),
  done: Keep.optional().describe("The same for sessions that said they are done.").meta({ standard: "7d" }),
  closed: Keep.optional()
    .describe("The same when the pull request was closed unmerged, and no agent lives.")
    .meta({ standard: "7d" }),
  killed: Keep.optional().describe("The same for killed sessions.").meta({ standard: "14d" }),
  errored: Keep.optional().describe("The same for sessions that failed.").meta({ standard: "14d" }),
  preserve: Keep.optional()
    .describe("How long the work of a removed checkout is kept for `ao restore`.")
    .meta({ standard: "30d" }),
});

export const CiInput = z.strictObject({
  noneAfter: DurationMs.optional()
    .describe("No check this long after a push, and none required: CI is `none`.")
    .meta({ standard: "5m" }),
});

const Channels = z.array(z.string().min(1).max(100)).max(50);

/** Which notifiers hear of which priority. */
export const RoutingInput = z.strictObject({
  urgent: Channels.optional().describe("An agent is stuck, asks or failed; default: `defaults.notifiers`."),
  action: Channels.optional().describe("A decision of the human is due; default: `defaults.notifiers`."),
  warning: Channels.optional().describe("A problem that is being dealt with; default: nobody."),
  info: Channels.optional().describe("Progress; default: nobody."),
});
