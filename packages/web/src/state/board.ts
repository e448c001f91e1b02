import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { StatusMeta } from "@agent-orchestrator/core/protocol/results";
import { computed, signal } from "@preact/signals";
import { follow, type Refused } from "../connect/daemon.ts";
import { canRing, showRing } from "./rings.ts";

export interface Board {
  order: readonly string[];
  byId: ReadonlyMap<string, SessionView>;
  meta: StatusMeta | null;
}

export interface BoardItem {
  changed: SessionView[];
  order: string[];
  meta?: StatusMeta;
}

/** The board after an item of the daemon's. Sessions that have not changed stay the same objects. */
export function applied(board: Board, { changed, order, meta }: BoardItem): Board {
  const byId = new Map<string, SessionView>();
  const fresh = new Map(changed.map((view) => [view.id, view]));
  for (const id of order) {
    const view = fresh.get(id) ?? board.byId.get(id);
    if (view !== undefined) byId.set(id, view);
  }
  return { order, byId, meta: meta ?? board.meta };
}

/** Null until the daemon has answered for the first time. */
export const board = signal<Board | null>(null);
export const boardProblem = signal<Error | null>(null);
/** Also sessions that ended as intended. */
export const showsAll = signal(false);

export const sessions = computed(() => (board.value === null ? [] : [...board.value.byId.values()]));
export const sessionOf = (id: string): SessionView | undefined => board.value?.byId.get(id);

let stop: () => void = () => undefined;

export function followBoard(): void {
  stop();
  const all = showsAll.value;
  stop = follow({
    name: "board",
    params: () => ({ isWatching: true, ...(all ? { all } : {}), ...(canRing() ? { rings: true } : {}) }),
    onItem(item) {
      const empty: Board = { order: [], byId: new Map(), meta: null };
      board.value = applied(board.value ?? empty, item as BoardItem);
      boardProblem.value = null;
    },
    onRing: showRing,
    onError(error: Error | Refused) {
      boardProblem.value = error;
    },
  });
}

export function showAll(isAll: boolean): void {
  showsAll.value = isAll;
  followBoard();
}
