import { z } from "zod";
import { ReactionKey } from "./reaction.ts";
import { Iso } from "./time.ts";

/**
 * queued → held → writing → written → accepted; or unconfirmed (written, no receipt), failed (never written, reason),
 * withdrawn (timed out before it was written). `writing` is committed before the first byte goes out.
 */
export const MessageState = z.enum([
  "queued",
  "held",
  "writing",
  "written",
  "accepted",
  "unconfirmed",
  "failed",
  "withdrawn",
]);
export type MessageState = z.infer<typeof MessageState>;

export const HeldFor = z.enum([
  "asking",
  "starting",
  "human",
  "busy",
  "paused",
  "limit",
  "failed",
  "restoring",
  "before-it",
  "unknown",
]);
export type HeldFor = z.infer<typeof HeldFor>;

export const Message = z.looseObject({
  id: z.string(),
  origin: z.enum(["user", "reaction", "system"]),
  reaction: ReactionKey.nullable(),
  /** Emptied to its first line once settled. At most 64 KiB of UTF-8. */
  text: z.string(),
  createdAt: Iso,
  state: MessageState,
  heldFor: HeldFor.nullable(),
  /** It could not be written then, so often by now, and is tried again later. */
  deferred: z.looseObject({ at: Iso, times: z.number().int() }).nullable().optional(),
  /** By which a receipt finds it, also when its text is not kept any more. */
  textKey: z.string().optional(),
  /** `--now`: do not wait for the running turn; never past a question. */
  isUrgent: z.boolean(),
  /** The human's answer to what the agent asked with a report: that question does not hold it back. */
  isAnswer: z.boolean().optional(),
  /** When the first byte may have gone out. */
  writingAt: Iso.optional(),
  writtenAt: Iso.nullable(),
  settledAt: Iso.nullable(),
  failure: z.looseObject({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  /** Why nobody knows whether it arrived, where a receipt was due. */
  doubt: z.string().optional(),
  /** A send to an agent that exited by itself restores it once. */
  restoredFor: z.boolean(),
  /** It may have gone into the program of this launch, whose runtime would know; into another one it must not go. */
  inDoubtOf: z.number().int().optional(),
});
export type Message = z.infer<typeof Message>;

export const SETTLED: ReadonlySet<MessageState> = new Set(["accepted", "unconfirmed", "failed", "withdrawn"]);
