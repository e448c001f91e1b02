import type { DecideContext, Policy } from "../model/policy.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { peersOf } from "./merge-order.ts";
import { spentAround } from "./spend.ts";

export interface Moment {
  policy: Policy;
  nowMs: number;
  /** Absent for a look at what is known, which judges as if it had always been watched. */
  watchedSinceMs?: number;
}

/** Without the sessions around it. Enough for what depends on the session alone, and cheap. */
export const ownContext = ({ policy, nowMs, watchedSinceMs = 0 }: Moment): DecideContext => ({
  policy,
  nowMs,
  watchedSinceMs,
});

/** What a decision on this session may use. */
export const contextOf = (state: State, record: SessionRecord, moment: Moment): DecideContext => ({
  ...ownContext(moment),
  spent: spentAround(state, record, moment),
  peers: peersOf(state, record),
});
