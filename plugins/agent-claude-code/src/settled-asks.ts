import type { Ask, Signals } from "./signals.ts";

type Seen = Pick<Signals, "status" | "transcript" | "waitedMs">;

/**
 * Asked by a subagent in the background: drawn nowhere, and the program does not wait for it but goes on (2.1.197, 2.1.332). Only its
 * hook tells when it is over.
 */
export const isAside = (ask: Ask, { status, waitedMs }: Seen): boolean =>
  ask.agent !== null && status !== null && status.state !== "waiting" && (waitedMs ?? 0) < ask.atMs;

/** Whether the program went on after it asked this: it was answered in the terminal. */
export function isSettled(ask: Ask, seen: Seen): boolean {
  const { status, transcript } = seen;
  if (isAside(ask, seen)) return false;
  if (status === null) return (Date.parse(transcript.movedAt ?? "") || 0) > ask.atMs;
  return status.state !== "waiting" && status.sinceMs > ask.atMs;
}
