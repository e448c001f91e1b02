import { cleanMessage } from "@agent-orchestrator/core/host/text";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Look, Present } from "./present.ts";

/** So long a turn may still take to end; after that the message is put off. */
const PATIENCE_MS = 4_000;
const STEP_MS = 200;

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
  // Paste and Enter go in together, and nothing is pressed afterwards: an Enter too many would say yes to the next question.
  await terminal.write({ id: message.id, text: wording(message.text), how: "bracketed" }, options);
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
