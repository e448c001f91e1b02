import type { Refusal } from "../model/refusal.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";

const FIRST = 42_000;
const LAST = 48_999;

/** The first run of ports that no session with a checkout holds. A lease is a promise among sessions, not a bind. */
export function leasePorts(state: State, count: number): { ports: SessionRecord["ports"] } | { refused: Refusal } {
  if (count === 0) return { ports: null };
  const leased = Object.values(state.sessions)
    .flatMap(({ ports, isArchived }) => (ports === null || isArchived ? [] : [ports]))
    .sort((a, b) => a.first - b.first);
  let first = FIRST;
  for (const lease of leased) {
    if (first + count <= lease.first) break;
    first = Math.max(first, lease.first + lease.count);
  }
  if (first + count - 1 <= LAST) return { ports: { first, count } };
  return {
    refused: {
      code: "UNAVAILABLE",
      message: `no ${count} consecutive free ports are left between ${FIRST} and ${LAST}`,
      hint: "Removing sessions frees their ports. Run `ao cleanup`.",
    },
  };
}
