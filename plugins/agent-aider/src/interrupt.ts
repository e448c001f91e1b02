import { callOf } from "@agent-orchestrator/agent-kit/terminal";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import type { Present } from "./present.ts";

/** A second Ctrl-C within two seconds ends aider. */
const APART_MS = 2_500;

export interface InterruptOf {
  session: Session;
  present: Present;
  clock: Clock;
  lastAtMs: number | null;
  /** It was started with a prompt that is typed once it is ready. */
  awaitsPrompt: boolean;
}

/** Presses Ctrl-C once, and only if there is something to interrupt. At its prompt it would be the first of the two that end aider. */
export async function interrupt(of: InterruptOf, { terminal, signal }: WithTerminal): Promise<number | null> {
  const { session, present, clock, lastAtMs } = of;
  const { state } = (await present.look(terminal, signal)).verdict;
  if (of.awaitsPrompt && present.history.userText === null && state !== "waiting_input") throw notBegun(session);
  if (isAtRest(state)) return lastAtMs;
  if (lastAtMs !== null && clock.monotonic() - lastAtMs < APART_MS) {
    await clock.sleep(APART_MS - (clock.monotonic() - lastAtMs), signal);
    if (isAtRest((await present.look(terminal, signal)).verdict.state)) return lastAtMs;
  }
  await terminal.press(["C-c"], callOf({ signal }));
  return clock.monotonic();
}

/** Its first prompt is typed by itself, and a Ctrl-C now would not stop that. */
const notBegun = ({ id }: Session): AoError =>
  new AoError(
    "TRY_AGAIN",
    "it was not interrupted: it has not started yet, and its first prompt is sent once aider is ready",
    {
      hint: `Ask again when it works, or end it with \`ao kill ${id}\`.`,
    },
  );

const isAtRest = (state: string): boolean => state === "ready" || state === "limited";
