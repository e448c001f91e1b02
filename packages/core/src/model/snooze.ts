import { z } from "zod";
import { Iso } from "./time.ts";

/** The user does not want to see what a session needs from them until later. */
export const Snooze = z.looseObject({
  /** Lies ahead. */
  ends: Iso,
  /** What was snoozed. Anything else that needs the user is shown at once. */
  cause: z.string(),
});
export type Snooze = z.infer<typeof Snooze>;

/** The longest time that something can be snoozed for. */
export const MAX_SNOOZE_MS = 7 * 24 * 3_600_000;
