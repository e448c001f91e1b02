import type { Engine } from "@agent-orchestrator/core/engine/engine";
import type { KeptOfWish, WishName } from "@agent-orchestrator/core/model/command";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { WishRecord } from "@agent-orchestrator/core/model/state";
import type { RequestName } from "../requests.ts";

/** A request that changes something, under the id by which its caller repeats it after a lost connection. */
export interface Wish {
  id: string;
  /** For a command that keeps it by itself. Null: its caller does not ask again, and nothing is kept. */
  readonly name: WishName | null;
  /** What was kept under this id, by this daemon or an earlier one. Null: it is new. */
  readonly known: WishRecord | null;
  /** Where the log was when it was begun. What failed after that failed for this wish. */
  readonly seq: number;
  /**
   * Keeps it. Facts that are told and commands that are given right after this call, with no `await` in between, are
   * committed together with it: a wish that is known has been taken up, and one that is not has done nothing. Rejects if it could
   * not be written.
   */
  keep(kept: KeptOfWish): Promise<void>;
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
  const wish = id === undefined ? null : { id, request: name };
  return {
    id: id ?? newId(),
    name: wish,
    get known() {
      return known();
    },
    get seq() {
      return known()?.seq ?? seq;
    },
    keep: (kept) => (wish === null ? engine.settled() : engine.command({ kind: "keep-wish", wish, kept })),
  };
}

function mustFit(known: WishRecord | null, name: RequestName, agentSession: string | null): void {
  if (known === null) return;
  const isOthers = agentSession !== null && !known.sessionIds.includes(agentSession);
  if (!isOthers && (known.request ?? name) === name) return;
  throw new AoError("USAGE", "another request has the id of this wish");
}

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
