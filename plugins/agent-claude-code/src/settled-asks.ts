import type { Ask, Signals } from "./signals.ts";

type Seen = Pick<Signals, "status" | "transcript" | "waitedMs">;

/**
 * Asked by a background subagent. It is not drawn anywhere, and the program continues without waiting (2.1.197, 2.1.332). Only its
 * hook shows when it is over.
 */
export const isAside = (ask: Ask, { status, waitedMs }: Seen): boolean =>
  ask.agent !== null && status !== null && status.state !== "waiting" && (waitedMs ?? 0) < ask.atMs;

/** Whether the program continued after it asked this, which means that it was answered in the terminal. */
export function isSettled(ask: Ask, seen: Seen): boolean {
  const { status, transcript } = seen;
  if (isAside(ask, seen)) return false;
  if (status === null) return (Date.parse(transcript.movedAt ?? "") || 0) > ask.atMs;
  return status.state !== "waiting" && status.sinceMs > ask.atMs;
}
