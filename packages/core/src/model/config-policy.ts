import { z } from "zod";
import { DurationMs } from "./time.ts";

export const Port = z.int().min(0).max(65_535);

export const LimitsInput = z.strictObject({
  maxConcurrentSessions: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe("Agents at work at the same time; the rest wait as `queued`. The smaller of the user's and this holds."),
});

export const TrustInput = z.strictObject({
  authors: z
    .enum(["write"])
    .optional()
    .describe("Whose reviews and comments may cause a send to an agent: people with write access."),
  bots: z.array(z.string().min(1).max(200)).max(200).optional().describe("Bots whose comments may, by name."),
});

/** A duration, or `never`; parsed to milliseconds or null. */
export const Keep = z.union([z.literal("never").transform(() => null), DurationMs]);

export const CleanupInput = z.strictObject({
  merged: Keep.optional().describe("Merged sessions are removed this long after their last activity."),
  done: Keep.optional().describe("The same for sessions that said they are done."),
  closed: Keep.optional().describe("The same when the pull request was closed unmerged, and no agent lives."),
  killed: Keep.optional().describe("The same for killed sessions."),
  errored: Keep.optional().describe("The same for sessions that failed."),
  preserve: Keep.optional().describe("How long the work of a removed checkout is kept for `ao restore`."),
});

export const CiInput = z.strictObject({
  noneAfter: DurationMs.optional().describe("No check this long after a push, and none required: CI is `none`."),
});

const Channels = z.array(z.string().min(1).max(100)).max(50);

/** Which notifiers hear of which priority. */
export const RoutingInput = z.strictObject({
  urgent: Channels.optional().describe("An agent is stuck, asks or failed; default: `defaults.notifiers`."),
  action: Channels.optional().describe("A decision of the human is due; default: `defaults.notifiers`."),
  warning: Channels.optional().describe("A problem that is being dealt with; default: nobody."),
  info: Channels.optional().describe("Progress; default: nobody."),
});
