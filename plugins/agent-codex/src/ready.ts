import { until } from "@agent-orchestrator/agent-kit/until";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Link } from "./link.ts";
import type { Rpc } from "./rpc.ts";

const LOOK_MS = 50;

/** Waits a moment for the connection and the conversation. Null if they don't appear. */
export function readyRpc(
  link: Link,
  { clock, ms, signal }: { clock: Clock; ms: number; signal?: AbortSignal | undefined },
): Promise<Rpc | null> {
  return until(() => link.rpc, { clock, ms, everyMs: LOOK_MS, signal });
}

/** A request is open, seen or only reported, or the terminal itself asks something. */
export function isAsking({ memory, requests, teller }: Link): boolean {
  const flags = memory.main === null ? [] : (memory.statuses.get(memory.main.id)?.status.activeFlags ?? []);
  const isFlagged = flags.length > 0 && !requests.isHandling();
  return requests.current() !== null || isFlagged || teller.activity?.state === "waiting_input";
}

export const notConnected = (): AoError =>
  new AoError("UNREACHABLE", "Codex's app server is not responding", {
    hint: "Run `ao attach` to see its terminal.",
  });
