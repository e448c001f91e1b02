import type { Clock } from "@agent-orchestrator/core/slots/common";

/** How far this machine's days are from UTC's, at this time of the year. */
export const utcOffsetMs = (clock: Pick<Clock, "now">): number => -new Date(clock.now()).getTimezoneOffset() * 60_000;
