import type { Activity } from "../model/activity.ts";
import type { SessionRecord } from "../model/session.ts";
import { oneLine } from "../model/text.ts";
import type { TurnFailure, TurnFailureKind } from "../model/turn-failure.ts";

const MAX_TEXT = 160;

type Known = Pick<SessionRecord, "activity">;

/** The error that the last turn ended with, or that the running one cannot get past. null: none. The next turn ends it. */
export function turnFailureOf({ activity }: Known): TurnFailure | null {
  if (activity === null || !STATES.has(activity.state)) return null;
  return activity.failure ?? null;
}

/** Of any other state (a question, a limit, an exit) that state is the news. */
const STATES: ReadonlySet<Activity["state"]> = new Set(["active", "ready", "idle"]);

/** `its turn failed: API Error: 401 …` */
export function describeTurnFailure(record: Known): string {
  const text = oneLine(turnFailureOf(record)?.text ?? "", MAX_TEXT);
  return record.activity?.state === "active" ? `it keeps failing: ${text}` : `its turn failed: ${text}`;
}

const IN_TERMINAL = (id: string): string => `ao attach ${id}`;
const RETRY = (id: string): string => `ao send ${id} "go on"`;

/** What helps, in words, and the command to begin with. */
const HELP: Record<TurnFailureKind, { advice: string; hint: (id: string) => string }> = {
  login: { advice: "Log in again or fix its key, then send it a message", hint: IN_TERMINAL },
  access: { advice: "Its account is not allowed to do this: use another account or model", hint: IN_TERMINAL },
  credit: { advice: "Add credit, then send it a message", hint: RETRY },
  model: { advice: "Choose another model, then send it a message", hint: IN_TERMINAL },
  size: { advice: "Compact or clear its conversation, then send it a message", hint: IN_TERMINAL },
  request: { advice: "Look at it in its terminal, then send it a message", hint: IN_TERMINAL },
  busy: { advice: "Its vendor is busy: wait a moment, then retry", hint: RETRY },
  service: { advice: "Its vendor's servers are failing: retry later", hint: RETRY },
  connection: { advice: "Check the network, then retry", hint: RETRY },
  other: { advice: "Look at it in its terminal, then send it a message", hint: IN_TERMINAL },
};

export function helpForTurnFailure(record: Known & Pick<SessionRecord, "id">): { advice: string; hint: string } {
  const { advice, hint } = HELP[turnFailureOf(record)?.kind ?? "other"];
  // While its turn still runs a message would only wait.
  return { advice, hint: record.activity?.state === "active" ? IN_TERMINAL(record.id) : hint(record.id) };
}

/** Another source may name the kind better; the words are what it is known by. */
export const sameTurnFailure = (a: TurnFailure | undefined, b: TurnFailure | undefined): boolean => a?.text === b?.text;
