import { z } from "zod";
import { ReactionKey } from "./reaction.ts";
import { Iso } from "./time.ts";

/**
 * queued → held → writing → written → accepted. Or unconfirmed (written, no receipt), failed (never written, with a reason),
 * withdrawn (timed out before it was written). `writing` is committed before the first byte is sent.
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
  "unreadable",
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
  /** Cut to its first line once settled. At most 64 KiB of UTF-8. */
  text: z.string(),
  createdAt: Iso,
  state: MessageState,
  heldFor: HeldFor.nullable(),
  /** When it last could not be written, and how often so far. It is tried again later. */
  deferred: z
    .looseObject({
      at: Iso,
      times: z.number().int(),
      /** The reason, and since when it has been the same. */
      because: HeldFor.optional(),
      since: Iso.optional(),
    })
    .nullable()
    .optional(),
  /** What a receipt finds it by, even when its text is no longer kept. */
  textKey: z.string().optional(),
  /** `--now`: do not wait for the running turn, but do wait for an open question. */
  isUrgent: z.boolean(),
  /** The user's answer to what the agent asked with a report. That question does not hold it back. */
  isAnswer: z.boolean().optional(),
  /** When the first byte may have been sent. */
  writingAt: Iso.optional(),
  writtenAt: Iso.nullable(),
  settledAt: Iso.nullable(),
  failure: z.looseObject({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  /** Why it is unknown whether it arrived, if a receipt was due. */
  doubt: z.string().optional(),
  /** A send to an agent that exited restores it once. */
  restoredFor: z.boolean(),
  /** It may have been sent to the program of this launch, whose runtime would know. It must not be sent to another one. */
  inDoubtOf: z.number().int().optional(),
});
export type Message = z.infer<typeof Message>;

export const SETTLED: ReadonlySet<MessageState> = new Set(["accepted", "unconfirmed", "failed", "withdrawn"]);
