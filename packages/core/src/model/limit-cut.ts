import { AoError } from "./errors.ts";
import type { SessionRecord } from "./session.ts";
import { at } from "./time.ts";

/** An interrupt that changed nothing is tried so often. */
export const MAX_INTERRUPTS = 3;

type Held = Pick<SessionRecord, "limit" | "humanInputAt">;

/** Whether the human went on with it in its terminal after a limit had paused it: `ao` keeps out of that. */
export const isTakenOver = ({ limit, humanInputAt }: Held): boolean =>
  Boolean(limit) && humanInputAt !== null && at(humanInputAt) > at(limit?.since ?? humanInputAt);

/** Whether a limit holds it so that its agent is interrupted the moment it goes on. */
export const isCutAtLimit = (held: Held): boolean =>
  Boolean(held.limit) && !isTakenOver(held) && (held.limit?.interrupts ?? 0) < MAX_INTERRUPTS;

/** An answer would let the agent go on, and the interrupt that follows would take the answer back. */
export function refuseAtLimit(record: Held & { id: string }): void {
  if (!record.limit || !isCutAtLimit(record)) return;
  throw new AoError("REFUSED", `${record.id} cannot be answered now: ${record.limit.reason}`, {
    hint: `\`ao resume ${record.id}\`, then answer.`,
  });
}
