import { AoError } from "./errors.ts";
import type { SessionRecord } from "./session.ts";
import { at } from "./time.ts";

/** How often to try an interrupt that has no effect. */
export const MAX_INTERRUPTS = 3;

type Held = Pick<SessionRecord, "limits" | "humanInputAt">;

/** Whether the user continued in its terminal after a limit had paused it. `ao` does not interfere with that. */
export const isTakenOver = ({ humanInputAt, limits: { hold: limit } }: Held): boolean =>
  Boolean(limit) && humanInputAt !== null && at(humanInputAt) > at(limit?.since ?? humanInputAt);

/** Whether a limit pauses it, so that its agent is interrupted as soon as it continues. */
export const isCutAtLimit = (held: Held): boolean =>
  Boolean(held.limits.hold) && !isTakenOver(held) && (held.limits.hold?.interrupts ?? 0) < MAX_INTERRUPTS;

/** Whether an answer would let the agent continue, only for the interrupt that follows to undo the answer. */
export function refuseAtLimit(record: Held & { id: string }): void {
  if (!record.limits.hold || !isCutAtLimit(record)) return;
  throw new AoError("REFUSED", `${record.id} cannot be answered now: ${record.limits.hold.reason}`, {
    hint: `\`ao resume ${record.id}\`, then answer.`,
  });
}
