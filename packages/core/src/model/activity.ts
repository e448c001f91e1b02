import { z } from "zod";
import { Dialog } from "./dialog.ts";
import { ActivitySource, ActivityState } from "./status.ts";
import { Iso } from "./time.ts";
import { TurnFailure } from "./turn-failure.ts";

/** A signal that a plugin saw and did not follow, for `ao explain`. */
export const OverruledSignal = z.looseObject({
  source: ActivitySource,
  state: ActivityState,
  at: Iso,
  evidence: z.string(),
});

/** What the agent is doing, who says so, since when, and on what evidence. */
export const Activity = z.looseObject({
  state: ActivityState,
  since: Iso,
  source: ActivitySource,
  /** One line for `ao explain`. */
  evidence: z.string(),
  /** The question or permission that is open, as the agent words it: one line. */
  question: z.string().optional(),
  /** The same with its choices, where it can be answered from outside. */
  dialog: Dialog.optional(),
  /** A usage limit of the vendor, for the state `limited`: nothing will go on before `resetsAt`; null: unknown when. */
  limit: z.looseObject({ resetsAt: Iso.nullable() }).optional(),
  /**
   * The error that the last turn ended with, while no other has begun (`ready`, `idle`); or the one that the running turn meets at each
   * try, where retrying does not help (`active`).
   */
  failure: TurnFailure.optional(),
  /** The tool call that runs now, as the agent names it: silence means less while one does. */
  tool: z.string().optional(),
  /** The agent's thread or conversation that this is about. */
  thread: z.string().optional(),
  overruled: z.array(OverruledSignal).optional(),
});
export type Activity = z.infer<typeof Activity>;
