import type { Engine } from "@agent-orchestrator/core/engine/engine";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { State, WishRecord } from "@agent-orchestrator/core/model/state";
import { toIso } from "@agent-orchestrator/core/model/time";
import type { RequestName } from "../requests.ts";

/** What a handler keeps of a wish. Said again, it is merged with what is kept already. */
export type Kept = Partial<Pick<WishRecord, "sessionIds" | "marks" | "result">>;

/** A request that changes something, under the id by which its caller repeats it after a lost connection. */
export interface Wish {
  id: string;
  /** What was kept under this id, by this daemon or an earlier one. Null: it is new. */
  readonly known: WishRecord | null;
  /** Where the log was when it was begun. What failed after that failed for this wish. */
  readonly seq: number;
  /**
   * Keeps it. Facts that are told and changes that are made right after this call, with no `await` in between, are committed
   * together with it: a wish that is known has been taken up, and one that is not has done nothing. Rejects if it could not be
   * written.
   */
  keep(kept: Kept, change?: (state: State) => State): Promise<void>;
}

interface Asked {
  name: RequestName;
  /** Undefined: the caller does not ask again. */
  id: string | undefined;
  agentSession: string | null;
}

interface Deps {
  engine: Engine;
  newId(): string;
}

/** Throws USAGE if another request has this id. */
export function wishOf({ engine, newId }: Deps, { name, id, agentSession }: Asked): Wish {
  const seq = engine.state.seq;
  const known = () =>
    (id !== undefined && Object.hasOwn(engine.state.wishes, id) ? engine.state.wishes[id] : null) ?? null;
  mustFit(known(), name, agentSession);
  return {
    id: id ?? newId(),
    get known() {
      return known();
    },
    get seq() {
      return known()?.seq ?? seq;
    },
    keep: (kept, change = (state) => state) =>
      engine.change((state, nowMs) => {
        const next = change(state);
        if (id === undefined) return { state: next };
        const before = next.wishes[id];
        const wish = merged(before ?? { at: toIso(nowMs), sessionIds: [], request: name, seq: state.seq }, kept);
        return { state: { ...next, wishes: { ...next.wishes, [id]: wish } } };
      }),
  };
}

function mustFit(known: WishRecord | null, name: RequestName, agentSession: string | null): void {
  if (known === null) return;
  const isOthers = agentSession !== null && !known.sessionIds.includes(agentSession);
  if (!isOthers && (known.request ?? name) === name) return;
  throw new AoError("USAGE", "another request has the id of this wish");
}

const merged = (before: WishRecord, { sessionIds = [], marks, result }: Kept): WishRecord => ({
  ...before,
  sessionIds: [...new Set([...before.sessionIds, ...sessionIds])],
  ...(marks === undefined ? {} : { marks: { ...before.marks, ...marks } }),
  ...(result === undefined ? {} : { result: { ...before.result, ...result } }),
});

/** Requests of one wish run one after another, as when a caller asks again before its first request is given up. */
export function createTurns(): <T>(id: string | undefined, run: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (id, run) => {
    if (id === undefined) return await run();
    const turn = Promise.allSettled([last.get(id)]).then(run);
    last.set(id, turn);
    try {
      return await turn;
    } finally {
      if (last.get(id) === turn) last.delete(id);
    }
  };
}
