import { Dialog } from "@agent-orchestrator/core/model/dialog";
import { Iso } from "@agent-orchestrator/core/model/time";
import { TurnFailure } from "@agent-orchestrator/core/model/turn-failure";
import { UsageReport } from "@agent-orchestrator/core/model/usage";
import { z } from "zod";
import type { HostPush, HostReply, JournalEntry } from "./wire.ts";

/**
 * What the daemon accepts from a host, which may have another version. Lines of an unknown shape are skipped. The host itself does not
 * load these schemas, because there are many hosts and each is small.
 */
const State = z.looseObject({
  phase: z.enum(["starting", "ready", "busy", "asking", "limited"]),
  since: Iso,
  evidence: z.string(),
  tool: z.string().nullable(),
  dialog: Dialog.nullable(),
  thread: z.string().nullable(),
  queued: z.number(),
  failure: TurnFailure.optional(),
});

const Push = z.discriminatedUnion("ev", [
  z.looseObject({ ev: z.literal("now"), journal: z.number(), state: State }),
  z.looseObject({ ev: z.literal("moved"), at: Iso, what: z.string() }),
]) satisfies z.ZodType<HostPush>;

const Reply = z.discriminatedUnion("ok", [
  z.looseObject({ re: z.number(), ok: z.literal(true), outcome: z.string() }),
  z.looseObject({ re: z.number(), ok: z.literal(false), code: z.enum(["REFUSED", "FAILED"]), message: z.string() }),
]) satisfies z.ZodType<HostReply>;

const Entry = z.discriminatedUnion("k", [
  z.looseObject({ k: z.literal("begin"), at: Iso, pid: z.number() }),
  z.looseObject({
    k: z.literal("session"),
    at: Iso,
    id: z.string(),
    cwd: z.string(),
    agent: z.string(),
    canReturn: z.boolean(),
  }),
  z.looseObject({ k: z.enum(["queued", "sent", "dropped"]), at: Iso, id: z.string() }),
  z.looseObject({ k: z.literal("lost"), at: Iso, id: z.string() }),
  z.looseObject({ k: z.literal("accepted"), at: Iso, id: z.string().nullable(), text: z.string().nullable() }),
  z.looseObject({ k: z.literal("turn"), at: Iso, stop: z.string(), error: z.string().nullable() }),
  z.looseObject({ k: z.literal("usage"), at: Iso, usage: UsageReport }),
  z.looseObject({ k: z.literal("title"), at: Iso, title: z.string() }),
  z.looseObject({ k: z.literal("repository"), at: Iso, what: z.string() }),
]) satisfies z.ZodType<JournalEntry>;

export const entryOf = (value: unknown): JournalEntry | null => Entry.safeParse(value).data ?? null;

/** Null if it is not one of our lines. */
export function lineOf(text: string): { push: HostPush } | { reply: HostReply } | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const push = Push.safeParse(value);
  if (push.success) return { push: push.data };
  const reply = Reply.safeParse(value);
  return reply.success ? { reply: reply.data } : null;
}
