import { asOwnWords } from "@agent-orchestrator/agent-kit/launch";
import { callOf, screenAt } from "@agent-orchestrator/agent-kit/terminal";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { DeliveryResult } from "@agent-orchestrator/core/slots/agent";
import type { WithTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import { NOTHING, readScreen } from "./screen.ts";

export interface TypedCall extends WithTerminal {
  message: { id: string; text: string };
}

/** Without its server: types into an empty input box on the screen, without a receipt. */
export async function typed({ message, terminal, signal }: TypedCall): Promise<DeliveryResult> {
  const screen = await screenAt({ terminal, signal });
  if (screen !== null && !isReadable(screen)) return { outcome: "deferred", because: "unreadable" };
  const reading = screen === null ? NOTHING : readScreen(screen);
  if (reading.state === "waiting_input") return { outcome: "deferred", because: "asking" };
  if (reading.state === "unknown") {
    throw new AoError("UNREACHABLE", "OpenCode's server is not responding, and its screen shows no input box", {
      hint: "Run `ao attach` to see what it does, or `ao restore` to start it again.",
    });
  }
  if (reading.draft !== "") return { outcome: "deferred", because: "human" };
  await terminal.write({ id: message.id, text: asWords(message.text), how: "bracketed" }, callOf({ signal }));
  return { outcome: "unconfirmed", reason: "OpenCode's server, which would confirm it, is not responding" };
}

/** A leading sign would make it one of OpenCode's commands, and these words alone end the program. */
const asWords = (text: string): string => asOwnWords(text, { signs: /^[/!@]/, farewells: /^(?:exit|quit|:q)$/ });
