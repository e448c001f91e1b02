import { z } from "zod";
import { ActivitySource, ActivityState } from "./status.ts";
import { Iso } from "./time.ts";

/** What the agent is doing, who says so, since when, and on what evidence. */
export const Activity = z.looseObject({
  state: ActivityState,
  since: Iso,
  source: ActivitySource,
  /** One line for `ao explain`. */
  evidence: z.string(),
  /** The question or permission that is open, as the agent words it. */
  question: z.string().optional(),
  /** The tool call that runs now, as the agent names it: silence means less while one does. */
  tool: z.string().optional(),
});
export type Activity = z.infer<typeof Activity>;
