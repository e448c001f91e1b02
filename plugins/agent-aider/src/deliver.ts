import { cleanMessage } from "@agent-orchestrator/core/host/text";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Look, Present } from "./present.ts";

/** So long a turn may still take to end; after that the message is put off. */
const PATIENCE_MS = 4_000;
const STEP_MS = 200;
/** So long aider may take to take a message before it is looked whether the Enter was lost. */
const TAKEN_WITHIN_MS = 2_500;

export interface DeliverOf {
  present: Present;
  clock: Clock;
}

/**
 * Aider reads its terminal only while its prompt is open: what is typed before that lies in the terminal, and the next question would take
 * it for the answer. So a message waits for the prompt, however urgent it is.
 */
export async function deliver(
  { present, clock }: DeliverOf,
  message: OutgoingMessage,
  options: WithTerminal,
): Promise<DeliveryResult> {
  const { terminal, signal } = options;
  const untilMs = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const found = standing(await present.look(terminal, signal));
    if (found === "free") break;
    if (found !== "busy") return { outcome: "deferred", because: found };
    if (clock.monotonic() >= untilMs) return { outcome: "deferred", because: "busy" };
    await clock.sleep(STEP_MS, signal);
  }
  const before = present.taken;
  await terminal.write({ id: message.id, text: wording(message.text), how: "bracketed" }, options);
  await untilTaken({ present, clock }, before, options);
  return { outcome: "written" };
}

type Standing = "free" | "busy" | "asking" | "human";

function standing({ verdict, screen }: Look): Standing {
  if (verdict.state === "waiting_input") return "asking";
  if (screen?.reading.kind !== "prompt" || verdict.state === "active") return "busy";
  // Somebody's words, or a mode of somebody's in which Enter sends nothing.
  return screen.reading.draft !== "" || screen.reading.isMulti ? "human" : "free";
}

/** Words that begin like a command of aider's (`/`, `!`), or like a block of lines (`{`), are set off by a blank. */
export function wording(text: string): string {
  const clean = cleanMessage(text);
  return /^[/!{]/.test(clean) ? ` ${clean}` : clean;
}

/** The paste and its Enter go in together. Should the Enter be lost all the same, it is pressed once more, over nothing but our own words. */
async function untilTaken(
  { present, clock }: DeliverOf,
  before: number,
  { terminal, signal }: WithTerminal,
): Promise<void> {
  const untilMs = clock.monotonic() + TAKEN_WITHIN_MS;
  while (clock.monotonic() < untilMs) {
    present.readOn();
    if (present.taken > before) return;
    await clock.sleep(STEP_MS / 4, signal);
  }
  const { screen } = await present.look(terminal, signal);
  const isDraft = screen?.reading.kind === "prompt" && screen.reading.draft !== "" && screen.isPrompting !== false;
  if (isDraft && present.taken === before) await terminal.press(["Enter"], signal === undefined ? {} : { signal });
}
