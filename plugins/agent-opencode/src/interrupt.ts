import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Session } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { openPermissions } from "./asks.ts";
import { readRecord } from "./launch/record.ts";
import { readScreen } from "./screen/screen.ts";
import { handFirstPrompt } from "./server/first-prompt.ts";
import { type Reached, type ReachOptions, reach } from "./server/reach.ts";
import { Message, QuestionRequest, Status } from "./server/wire.ts";
import { TAKEN_MS } from "./weigh.ts";

/** The first press asks, the second interrupts. */
export const INTERRUPT_KEYS: ("Escape" | "C-c")[] = ["Escape", "Escape"];

/** How long a program that was just started may take until its server responds. */
const START_MS = 20_000;
/** How long an accepted message may take to become a turn, and a turn to end. */
const TURN_MS = 10_000;
const PAUSE_MS = 300;

export interface InterruptOptions extends ReachOptions {
  terminal: AgentTerminal;
}

/** Interrupts through the server. If that does not respond, presses OpenCode's own keys, if the screen shows something to interrupt. */
export async function interrupt(session: Session, options: InterruptOptions): Promise<void> {
  const { clock, signal, terminal } = options;
  const untilMs = clock.monotonic() + START_MS;
  for (;;) {
    try {
      await abort(session, await reach(session, options), options);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isAoError(error) || error.code !== "UNREACHABLE") throw error;
      const screen = await terminal.screen();
      if (screen !== null && readScreen(screen).state === "active") {
        await terminal.press(INTERRUPT_KEYS);
        return;
      }
      // Its prompt has not been sent yet, so a turn is still to come.
      const isStarting = (readRecord(session.sessionDir)?.promptFile ?? null) !== null;
      if (!isStarting || clock.monotonic() > untilMs) throw failed(session, error);
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}

const failed = ({ id }: Session, { code, message }: AoError): AoError =>
  new AoError(code, `it was not interrupted: ${message}`, {
    hint: `\`ao attach ${id}\` shows what it does, \`ao kill ${id}\` ends it.`,
  });

/** Ends the turn. Rejects what was open, because OpenCode would never stop showing it, although nothing waits for the answer. */
async function abort(session: Session, reached: Reached, options: InterruptOptions): Promise<void> {
  const { server } = reached;
  const { signal } = options;
  await handFirstPrompt(session, reached, options);
  const conversation = readRecord(session.sessionDir)?.conversation ?? null;
  if (conversation === null) return;
  await endTurn({ reached, conversation }, options);
  const [permissions, questions] = await Promise.all([
    openPermissions(server, { sessionDir: session.sessionDir, signal }),
    server.get("/question", z.array(QuestionRequest), { signal }),
  ]);
  for (const { id } of permissions) {
    await server.post(`/permission/${id}/reply`, { signal, body: { reply: "reject" } });
  }
  for (const { id } of questions ?? []) await server.post(`/question/${id}/reject`, { signal });
}

interface Turn {
  reached: Reached;
  conversation: string;
}

/** OpenCode ignores an abort just before a turn starts, so wait for one that is about to start. */
async function endTurn(turn: Turn, { clock, signal }: ReachOptions): Promise<void> {
  const untilMs = clock.monotonic() + TURN_MS;
  const abortIt = () => turn.reached.server.post(`/session/${turn.conversation}/abort`, { signal });
  let hasRun = await isBusy(turn, signal);
  await abortIt();
  while (clock.monotonic() < untilMs) {
    if (await isBusy(turn, signal)) {
      hasRun = true;
      await abortIt();
    } else if (hasRun || !(await isUnanswered(turn, { clock, signal }))) return;
    await clock.sleep(PAUSE_MS, signal);
  }
  const why = hasRun ? "its turn goes on after the abort" : "its turn has not begun";
  throw new AoError("UNREACHABLE", `${why}, ${TURN_MS / 1000} s later`);
}

async function isBusy({ reached, conversation }: Turn, signal: AbortSignal | undefined): Promise<boolean> {
  const statuses = await reached.server.get("/session/status", z.record(z.string(), Status), { signal });
  return (statuses?.[conversation]?.type ?? "idle") !== "idle";
}

/** The last message is the user's, and very recent. */
async function isUnanswered({ reached, conversation }: Turn, { clock, signal }: ReachOptions): Promise<boolean> {
  const messages = await reached.server.get(`/session/${conversation}/message?limit=2`, z.array(Message), { signal });
  const last = messages?.at(-1)?.info;
  return last?.role === "user" && clock.now() - last.time.created < TAKEN_MS;
}
