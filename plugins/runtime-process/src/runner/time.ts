import type { Clock } from "@agent-orchestrator/core/slots/common";

/** The runner's clock. Given by its entry, so that nothing big is loaded for the sake of a time. */
export type Time = Pick<Clock, "now" | "monotonic">;

export const isoOf = (time: Time): string => new Date(time.now()).toISOString();
