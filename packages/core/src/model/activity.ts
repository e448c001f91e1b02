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

/** What the agent is doing, according to which source, since when, and on what evidence. */
export const Activity = z.looseObject({
  state: ActivityState,
  since: Iso,
  source: ActivitySource,
  /** One line for `ao explain`. */
  evidence: z.string(),
  /** The open question or permission in the agent's words, on one line. */
  question: z.string().optional(),
  /** The same with its choices, if it can be answered from outside. */
  dialog: Dialog.optional(),
  /** A usage limit of the vendor, for the state `limited`. The agent cannot continue before `resetsAt`. Null if that is unknown. */
  limit: z.looseObject({ resetsAt: Iso.nullable() }).optional(),
  /**
   * The error that the last turn ended with, until the next turn begins (`ready`, `idle`), or the one that the running turn gets at each
   * attempt, if retrying does not help (`active`).
   */
  failure: TurnFailure.optional(),
  /** A line at the end of an idle agent's screen that reads like a failure. It may be quoted or dealt with, so nothing is decided by it. */
  guess: z.string().optional(),
  /** The running tool call, by the agent's name for it. During a tool call, silence means less. */
  tool: z.string().optional(),
  /** When that call began, if the agent tells. Processes that it started are not older. */
  toolSince: Iso.optional(),
  /** The agent's thread or conversation that this is about. */
  thread: z.string().optional(),
  overruled: z.array(OverruledSignal).optional(),
});
export type Activity = z.infer<typeof Activity>;
