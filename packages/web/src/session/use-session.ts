import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { ParamsOf, RequestName, ResultOf } from "@agent-orchestrator/daemon/requests";
import { useEffect, useState } from "preact/hooks";
import { ask } from "../connect/daemon.ts";
import { board } from "../state/board.ts";

type Look = Parameters<typeof ask>[0];

export interface Asked<T> {
  data: T | null;
  error: Error | null;
  isAsking: boolean;
  again(): void;
}

/** Asks again whenever `key` changes. What was there stays until the new answer is. */
export function useAsk<N extends Look & RequestName>(name: N, params: ParamsOf<N>, key: string): Asked<ResultOf<N>> {
  const [state, setState] = useState<Omit<Asked<ResultOf<N>>, "again">>({ data: null, error: null, isAsking: true });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const over = new AbortController();
    setState((before) => ({ ...before, isAsking: true }));
    ask(name, params, { signal: over.signal }).then(
      (data) => {
        if (!over.signal.aborted) setState({ data, error: null, isAsking: false });
      },
      (error: Error) => {
        if (!over.signal.aborted) setState(({ data }) => ({ data, error, isAsking: false }));
      },
    );
    return () => over.abort();
  }, [key, round]);
  return { ...state, again: () => setRound((before) => before + 1) };
}

const AGAIN_MS = 2_000;

/** Asks again a while after each answer, as long as what it is about goes on. */
export function useWhile(isGoingOn: boolean, { isAsking, again }: Pick<Asked<unknown>, "isAsking" | "again">): void {
  useEffect(() => {
    if (!isGoingOn || isAsking) return;
    const timer = setTimeout(again, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [isGoingOn, isAsking]);
}

/** The session as the board has it, or as the daemon tells it once if the board does not show it. */
export function useSession(id: string): Asked<SessionView> {
  const live = board.value?.byId.get(id) ?? null;
  const isOff = board.value !== null && live === null;
  const asked = useAsk("show", { session: id, isLook: true }, `${id} ${isOff}`);
  if (live !== null) return { data: live, error: null, isAsking: false, again: asked.again };
  return asked;
}
