import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { SendOptions } from "@agent-orchestrator/core/slots/runtime";
import { piecesOf, TYPING } from "@agent-orchestrator/plugin-kit/message";
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
  const { signal } = options;
  const begun = await client.call("type", { messageId: options.id ?? null }, limits);
  if (begun.outcome !== "begun") return;
  for (const piece of piecesOf(text)) {
    await requireSafe(client, options);
    await client.call("piece", { text: piece });
    await clock.sleep(TYPING.gapMs, signal);
  }
  await clock.sleep(TYPING.beforeEnterMs, signal);
  await requireSafe(client, options);
  await client.call("type-end", { isEntered: true });
}

async function requireSafe(client: RunnerClient, { guard }: SendOptions): Promise<void> {
  if (guard === undefined || (await guard())) return;
  await client.call("type-end", { isEntered: false });
  throw new AoError("REFUSED", "the program does not accept a message now");
}
