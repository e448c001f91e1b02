import type { Clock } from "@agent-orchestrator/core/slots/common";

/** The runner's clock. Its entry passes it in, so that nothing big is loaded just to read the time. */
export type Time = Pick<Clock, "now" | "monotonic">;

export const isoOf = (time: Time): string => new Date(time.now()).toISOString();
