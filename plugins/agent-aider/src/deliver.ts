import { asOwnWords } from "@agent-orchestrator/agent-kit/launch";
import type { DeliveryResult, OutgoingMessage } from "@agent-orchestrator/core/slots/agent";
import type { WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Look, Present } from "./present.ts";

/** How long a turn may still take to end. After that the message is deferred. */
const PATIENCE_MS = 4_000;
const STEP_MS = 200;

export interface DeliverOf {
  present: Present;
  clock: Clock;
}

/**
 * Aider reads its terminal only while its prompt is open. Earlier input stays in the terminal, and the next question would take it for
 * the answer. So a message waits for the prompt, however urgent it is.
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
    if (found === "asking" || found === "human") return { outcome: "deferred", because: found };
    if (clock.monotonic() >= untilMs) return { outcome: "deferred", because: found };
    await clock.sleep(STEP_MS, signal);
  }
  // Paste and Enter are sent together, and nothing is pressed afterwards. One Enter too many would accept the next question.
  await terminal.write({ id: message.id, text: wording(message.text), how: "bracketed" }, options);
  return { outcome: "written" };
}

type Standing = "free" | "busy" | "asking" | "human" | "unreadable";

function standing({ verdict, screen }: Look): Standing {
  if (verdict.state === "waiting_input") return "asking";
  if (screen === null) return "unreadable";
  if (screen.reading.kind !== "prompt" || verdict.state === "active") return "busy";
  // Somebody's draft, or a mode in which Enter sends nothing.
  return screen.reading.draft !== "" || screen.reading.isMulti ? "human" : "free";
}

/** Text that begins like one of aider's commands (`/`, `!`) or like a block of lines (`{`) gets a leading blank. */
export const wording = (text: string): string => asOwnWords(text, { signs: /^[/!{]/ });
