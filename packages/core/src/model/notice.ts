import { z } from "zod";
import { Priority } from "./status.ts";
import { Iso } from "./time.ts";

/** Under this name the engine keeps what belongs to no session: facts about notices, and when to look at them again. */
export const NOTICES = "ao:notices";

/** A channel as configured: its name, `#`, and a digest of its plugin and options. Equal configs share it. */
export type ChannelId = string;

export const channelName = (id: ChannelId): string => id.slice(0, id.lastIndexOf("#"));

/** One notification, from its cause until every channel has it and nobody need act on it any more. */
export const Notice = z.looseObject({
  /** Also the event's id on every channel. */
  key: z.string(),
  sessionId: z.string(),
  projectId: z.string(),
  instanceId: z.string(),
  event: z.looseObject({
    type: z.string(),
    priority: Priority,
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
  createdAt: Iso,
  /** It waits until then, and is dropped if the status is not one of `whileStatus`. Null: it was sent on its way. */
  dueAt: Iso.nullable(),
  whileStatus: z.array(z.string()).nullable(),
  /** When the reason began why somebody should look at its session. Null: it calls nobody. */
  attentionSince: Iso.nullable(),
  channels: z.record(z.string(), z.enum(["waiting", "delivered", "failed"])),
  /** When the first channel had it. */
  deliveredAt: Iso.nullable(),
  /** How many levels of reminders there have been. Null: it is one itself. */
  reminders: z.int().nullable(),
  /** The last of them. */
  remindedAt: Iso.optional(),
  /** A question that its agent took back by itself. It is remembered for some minutes, because it may come back. */
  overAt: Iso.optional(),
  /** It is held until `dueAt`, because somebody was told of the same question just before. */
  isAgain: z.boolean().optional(),
});
export type Notice = z.infer<typeof Notice>;

/** Why a try did not succeed. */
export const ChannelFailure = z.looseObject({ code: z.string(), message: z.string(), hint: z.string().optional() });

/** What is known of a channel. */
export const ChannelState = z.looseObject({
  /** The last try. */
  triedAt: Iso.nullable(),
  /** Tries without success since the last one that had it. */
  failures: z.int(),
  failingSince: Iso.nullable(),
  failure: ChannelFailure.nullable(),
  /** Not before. */
  retryAt: Iso.nullable(),
  /** Keys of the notices of the last try, which is repeated as it was: in part or whole it may have arrived. */
  batch: z.array(z.string()),
  /** Notices that it never had, since the last one that it had. */
  lost: z.int(),
  lostAt: Iso.nullable(),
});
export type ChannelState = z.infer<typeof ChannelState>;

/** Minutes of the day in a time zone. `to` may be before `from`. */
export interface QuietHours {
  from: number;
  to: number;
  /** An IANA name. Null: the machine's own. */
  timezone: string | null;
  /** Priorities that pass. */
  except: readonly Priority[];
}

/** When nobody took a notice up. */
export interface ReminderLevel {
  /** After the first delivery. */
  afterMs: number;
  /** Null: the channels of its priority. */
  channels: readonly ChannelId[] | null;
}

export interface NotifyPolicy {
  channels: Readonly<Record<Priority, readonly ChannelId[]>>;
  quiet: QuietHours | null;
  reminders: readonly ReminderLevel[];
}
