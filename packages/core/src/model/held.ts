import { z } from "zod";
import { Iso } from "./time.ts";

/** Limits that are reached. Until they no longer are, nothing is sent and the agent is interrupted. */
export const LimitHold = z.looseObject({
  ids: z.array(z.string()),
  /** One line for people. */
  reason: z.string(),
  since: Iso,
  /** A turn was cut short by it. */
  wasCut: z.boolean(),
  /** Interrupts of the running turn, and when the last one was requested. */
  interrupts: z.number().int(),
  interruptedAt: Iso.nullable(),
});
export type LimitHold = z.infer<typeof LimitHold>;

export const VendorLimit = z.looseObject({
  resetsAt: Iso.nullable(),
  since: Iso,
  /** When it was considered over. Null if it is in force. */
  overAt: Iso.nullable(),
  /** How often `ao` has checked whether it is over, if its end is unknown. */
  looks: z.number().int().optional(),
});
export type VendorLimit = z.infer<typeof VendorLimit>;
