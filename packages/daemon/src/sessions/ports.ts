import { AoError } from "@agent-orchestrator/core/model/errors";
import type { State } from "@agent-orchestrator/core/model/state";

const FIRST = 42_000;
const LAST = 48_999;

/** The first run of ports that no session with a checkout holds. A lease is a promise among sessions, not a bind. */
export function leasePorts(state: State, count: number): { first: number; count: number } | null {
  if (count === 0) return null;
  const leased = Object.values(state.sessions)
    .filter((record) => record.ports !== null && !record.isArchived)
    .map((record) => record.ports)
    .filter((ports) => ports !== null)
    .sort((a, b) => a.first - b.first);
  let first = FIRST;
  for (const lease of leased) {
    if (first + count <= lease.first) break;
    first = Math.max(first, lease.first + lease.count);
  }
  if (first + count - 1 > LAST) {
    throw new AoError("UNAVAILABLE", `no ${count} consecutive free ports are left between ${FIRST} and ${LAST}`, {
      hint: "Removing sessions frees their ports. Run `ao cleanup`.",
    });
  }
  return { first, count };
}
