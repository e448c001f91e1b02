import type { Action } from "../model/action.ts";
import { toAoError } from "../model/errors.ts";
import type { OpenIntent, State } from "../model/state.ts";
import type { NewFact } from "./mailbox.ts";
import type { World } from "./world.ts";

/** Carries out one action and answers the facts that are its result. Looks first; safe to run twice. */
export type Perform = (call: {
  sessionId: string;
  action: Action;
  signal: AbortSignal;
  /** Facts on the way, before the result. */
  tell(facts: NewFact[]): void;
}) => Promise<NewFact[]>;

export interface Executor {
  run(sessionId: string, action: Action): void;
  resume(intent: OpenIntent): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Actions of one session run one after another; a stop or removal first breaks off a start under way. */
export function createExecutor(deps: {
  world: World;
  perform: Perform;
  state(): State;
  tell(sessionId: string, facts: NewFact[], done?: string): void;
}): Executor {
  const chains = new Map<string, Promise<void>>();
  const starting = new Map<string, AbortController>();
  const everything = new AbortController();

  async function carryOut(sessionId: string, action: Action): Promise<void> {
    if (everything.signal.aborted || !(action.key in deps.state().intents)) return;
    const own = new AbortController();
    if (action.kind === "start") starting.set(sessionId, own);
    const signal = AbortSignal.any([own.signal, everything.signal]);
    try {
      const facts = await deps.perform({ sessionId, action, signal, tell: (some) => deps.tell(sessionId, some) });
      deps.tell(sessionId, facts, action.key);
    } catch (error) {
      // The daemon stops: the intent stays open and is finished by the next one.
      if (everything.signal.aborted) return;
      deps.tell(sessionId, [failureFact(action, error)], action.key);
    } finally {
      if (starting.get(sessionId) === own) starting.delete(sessionId);
    }
  }

  function enqueue(sessionId: string, action: Action): void {
    if (action.kind === "notify") {
      void carryOut(sessionId, action);
      return;
    }
    if (action.kind === "stop" || action.kind === "remove") starting.get(sessionId)?.abort();
    const previous = chains.get(sessionId) ?? Promise.resolve();
    const mine = previous.then(() => carryOut(sessionId, action));
    chains.set(sessionId, mine);
    void mine.finally(() => {
      if (chains.get(sessionId) === mine) chains.delete(sessionId);
    });
  }

  return {
    run: enqueue,
    resume(intent) {
      if (intent.sessionId !== null) enqueue(intent.sessionId, intent.action as unknown as Action);
    },
    async idle() {
      while (chains.size > 0) await Promise.allSettled(chains.values());
    },
    async stop() {
      everything.abort();
      await Promise.allSettled(chains.values());
    },
  };
}

function failureFact(action: Action, error: unknown): NewFact {
  const known = toAoError(error);
  const failure = {
    code: known.code,
    message: known.message,
    ...(known.hint === undefined ? {} : { hint: known.hint }),
  };
  if (action.kind === "deliver") return { kind: "message-failed", id: action.messageId, failure };
  return { kind: "effect-failed", key: action.key, action: action.kind, failure };
}
