import { cleanMessage } from "@agent-orchestrator/core/host/message-text";
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
  const options = signal === undefined ? {} : { signal };
  const screen = await terminal.screen(options);
  if (screen !== null && !isReadable(screen)) return { outcome: "deferred", because: "unreadable" };
  const reading = screen === null ? NOTHING : readScreen(screen);
  if (reading.state === "waiting_input") return { outcome: "deferred", because: "asking" };
  if (reading.state === "unknown") {
    throw new AoError("UNREACHABLE", "OpenCode's server is not responding, and its screen shows no input box", {
      hint: "Run `ao attach` to see what it does, or `ao restore` to start it again.",
    });
  }
  if (reading.draft !== "") return { outcome: "deferred", because: "human" };
  const text = cleanMessage(message.text);
  await terminal.write({ id: message.id, text: asWords(text), how: "bracketed" }, options);
  return { outcome: "unconfirmed", reason: "OpenCode's server, which would confirm it, is not responding" };
}

/** These words alone end the program. */
const FAREWELL = /^(?:exit|quit|:q)$/;

/** A leading sign would make it one of OpenCode's commands. */
function asWords(text: string): string {
  if (FAREWELL.test(text.trim())) return `${text.trimEnd()}.`;
  return /^[/!@]/.test(text) ? ` ${text}` : text;
}
