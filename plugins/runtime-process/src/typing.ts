import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { SendOptions } from "@agent-orchestrator/core/slots/runtime";
import { typePieces } from "@agent-orchestrator/plugin-kit/terminal/type-pieces";
import type { CallLimits, RunnerClient } from "./client.ts";

/**
 * Types a message as a person would. The runner notes its id before the first key, and holds other messages back until it is entered. A
 * guard that refuses removes the note.
 */
export async function typeMessage(
  { client, clock }: { client: RunnerClient; clock: Clock },
  text: string,
  { options, limits }: { options: SendOptions; limits: CallLimits },
): Promise<void> {
  const begun = await client.call("type", { messageId: options.id ?? null }, limits);
  if (begun.outcome !== "begun") return;
  const typing = {
    piece: (piece: string) => client.call("piece", { text: piece }),
    enter: () => client.call("type-end", { isEntered: true }),
    withdraw: () => client.call("type-end", { isEntered: false }),
  };
  await typePieces(typing, text, { ...options, clock });
}
