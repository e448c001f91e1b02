import { z } from "zod";
import { LimitHold, VendorLimit } from "./held.ts";
import { ownObject } from "./own-object.ts";
import { KeptReport, Kinds, Tally } from "./spend.ts";

/** What a session has used. */
export const SessionUsage = ownObject({
  /** The last cumulative report of each conversation, newest last. Then the sum of the older ones, and their names. */
  reports: z.array(KeptReport).optional(),
  folded: Tally.optional(),
  gone: z.array(z.string()).optional(),
  /** The day of the last report, in the user's time zone. */
  day: z.string().optional(),
  cost: z
    .looseObject({
      usd: z.number().nullable(),
      tokens: z.number().nullable(),
      model: z.string().nullable(),
      /** Where the agent reports its usage by kind: as in `Cost`. */
      knownUsd: z.number().optional(),
      kinds: Kinds.optional(),
      unpriced: z.array(z.string()).optional(),
    })
    .nullable(),
});

export const SessionLimits = ownObject({
  /** Limits of the user's that prevent it from continuing. */
  hold: LimitHold.nullable().optional(),
  /** What the user was notified of about limits. */
  told: z.array(z.string()).optional(),
  /** How far each limit was raised for this session by `ao resume`. */
  granted: z.record(z.string(), z.number()).optional(),
  /** The last usage limit of the agent's vendor. */
  vendor: VendorLimit.nullable().optional(),
});
