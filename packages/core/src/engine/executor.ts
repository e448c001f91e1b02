import { withDeadline } from "../host/deadline.ts";
import { joinSignals } from "../host/signals.ts";
import type { Action } from "../model/action.ts";
import { AoError, toAoError } from "../model/errors.ts";
import type { OpenIntent, State } from "../model/state.ts";
import type { NewFact } from "./mailbox.ts";
import type { World } from "./world.ts";

/** Runs one action and returns the facts that are its result. Looks first, so it is safe to run twice. */
export type Perform = (call: {
  sessionId: string;
  action: Action;
  signal: AbortSignal;
  /** Facts that arrive before the result. */
  tell(facts: NewFact[]): void;
}) => Promise<NewFact[]>;

export interface Executor {
  run(sessionId: string, action: Action): void;
  resume(intent: OpenIntent): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface ExecutorDeps {
  world: World;
  perform: Perform;
  state(): State;
  tell(sessionId: string, facts: NewFact[], done?: string): void;
}

const MINUTE_MS = 60_000;
/** Plugins have their own, shorter deadlines. These are for a call that never returns, so that it does not block a kill. */
const LIMIT_MS: Record<Action["kind"], number> = {
  start: 15 * MINUTE_MS, // and the project's own `postCreateTimeout`
  stop: 2 * MINUTE_MS,
  remove: 60 * MINUTE_MS,
  deliver: 2 * MINUTE_MS,
  interrupt: MINUTE_MS,
  answer: MINUTE_MS,
  "open-pr": 5 * MINUTE_MS,
  reply: 5 * MINUTE_MS,
  "mark-ready": 5 * MINUTE_MS,
  "follow-branch": 2 * MINUTE_MS,
  "take-pr": 5 * MINUTE_MS,
  merge: 5 * MINUTE_MS,
  rerun: 2 * MINUTE_MS,
  "close-issue": 5 * MINUTE_MS,
  retarget: 2 * MINUTE_MS,
  "claim-issue": 2 * MINUTE_MS,
  "stage-issue": 2 * MINUTE_MS,
  notify: MINUTE_MS,
  tell: MINUTE_MS,
};
/** How long an action that was told to give up may clean up. */
const GRACE_MS = 10_000;

/** What a tracker is told must not keep an agent from starting, and one change of an issue comes after another. */
const chainOf = (sessionId: string, { kind }: Action): string =>
  kind === "claim-issue" || kind === "stage-issue" || kind === "close-issue" ? `${sessionId} issue` : sessionId;

/** Actions of one session run one after another. A stop or removal first interrupts a start under way. */
export const createExecutor = (deps: ExecutorDeps): Executor => new Chains(deps);

class Chains implements Executor {
  readonly #deps: ExecutorDeps;
  readonly #chains = new Map<string, Promise<void>>();
  /** Notifications, which belong to no session's chain. */
  readonly #notices = new Set<Promise<void>>();
  /** Starts that are running or waiting for their turn. */
  readonly #starts = new Map<string, Set<AbortController>>();
  readonly #everything = new AbortController();

  constructor(deps: ExecutorDeps) {
    this.#deps = deps;
  }

  run(sessionId: string, action: Action): void {
    const own = new AbortController();
    if (action.kind === "tell") {
      const notice = this.#carryOut(sessionId, action, own);
      this.#notices.add(notice);
      void notice.finally(() => this.#notices.delete(notice));
      return;
    }
    if (action.kind === "stop" || action.kind === "remove") this.#breakOff(sessionId);
    if (action.kind === "start") this.#startsOf(sessionId).add(own);
    const chain = chainOf(sessionId, action);
    const previous = this.#chains.get(chain) ?? Promise.resolve();
    const mine = previous.then(() => this.#carryOut(sessionId, action, own));
    this.#chains.set(chain, mine);
    void mine.finally(() => {
      this.#starts.get(sessionId)?.delete(own);
      if (this.#chains.get(chain) === mine) this.#chains.delete(chain);
    });
  }

  resume({ sessionId, action: recorded }: OpenIntent): void {
    if (sessionId === null) return;
    const action = recorded as unknown as Action;
    // These are meant for one moment, leave no trace that could be looked at, and do harm when they come twice.
    if (action.kind === "interrupt" || action.kind === "answer") {
      this.#deps.tell(sessionId, [failureFact(action, cutShort(action.kind))], action.key);
    } else if (action.kind === "deliver") this.run(sessionId, { ...action, isAgain: true });
    else this.run(sessionId, action);
  }

  async idle(): Promise<void> {
    while (this.#chains.size > 0) await Promise.allSettled(this.#chains.values());
  }

  async stop(): Promise<void> {
    this.#everything.abort();
    await Promise.allSettled([...this.#chains.values(), ...this.#notices]);
  }

  #startsOf(sessionId: string): Set<AbortController> {
    const starts = this.#starts.get(sessionId) ?? new Set();
    this.#starts.set(sessionId, starts);
    return starts;
  }

  #breakOff(sessionId: string): void {
    for (const start of this.#startsOf(sessionId)) start.abort(new AoError("REFUSED", "it was stopped before it ran"));
  }

  async #carryOut(sessionId: string, action: Action, own: AbortController): Promise<void> {
    const { perform, state, tell, world } = this.#deps;
    const everything = this.#everything.signal;
    if (everything.aborted || !(action.key in state().intents)) return;
    const ending = joinSignals(own.signal, everything);
    const limits = {
      clock: world.clock,
      ms: this.#limitOf(sessionId, action),
      graceMs: GRACE_MS,
      signal: ending.signal,
      late: () => tooLate(action),
    };
    try {
      const call = { sessionId, action, tell: (some: NewFact[]) => tell(sessionId, some) };
      tell(sessionId, await withDeadline((signal) => perform({ ...call, signal }), limits), action.key);
    } catch (error) {
      // The daemon is stopping. The intent stays open, and the next daemon finishes it.
      if (everything.aborted) return;
      tell(sessionId, [failureFact(action, error)], action.key);
    } finally {
      ending.release();
    }
  }

  #limitOf(sessionId: string, action: Action): number {
    const limit = LIMIT_MS[action.kind];
    const record = this.#deps.state().sessions[sessionId];
    if (action.kind !== "start" || record === undefined) return limit;
    return limit + (this.#deps.world.project(record)?.postCreateTimeoutMs ?? 0);
  }
}

const TOO_LATE = "too-late";

/** Why nobody can tell whether a message was delivered. Null if it certainly was not. */
function doubtOf(known: AoError, isAgain: boolean): string | null {
  if (known.details?.why === TOO_LATE) return "writing it did not finish";
  if (known.code === "UNCONFIRMED") return known.message;
  return isAgain ? "the daemon ended while it was being written" : null;
}

/** How far it got before the daemon ended is not known. */
const cutShort = (kind: "interrupt" | "answer"): AoError =>
  new AoError(
    "UNCONFIRMED",
    `whether the ${kind} reached the agent is not known, because the daemon was ended meanwhile`,
    {
      hint: "Look at it with `ao show` or `ao attach` before you repeat it.",
    },
  );

const tooLate = (action: Action): AoError =>
  new AoError("UNREACHABLE", `${action.kind} did not come to an end in time`, { details: { why: TOO_LATE } });

function failureFact(action: Action, error: unknown): NewFact {
  const known = toAoError(error);
  const failure = {
    code: known.code,
    message: known.message,
    ...(known.hint === undefined ? {} : { hint: known.hint }),
  };
  if (action.kind === "deliver") {
    const doubt = doubtOf(known, action.isAgain === true);
    if (doubt !== null) return { kind: "message-unconfirmed", id: action.messageId, doubt };
    return { kind: "message-failed", id: action.messageId, failure };
  }
  if (action.kind === "tell") {
    const { channel, notices } = action;
    return { kind: "notices-not-told", channel, keys: notices, failure, retryAfterMs: 0, isFinal: false };
  }
  if (action.kind === "start") return { kind: "start-failed", launch: action.launch, step: "agent", failure };
  return { kind: "effect-failed", key: action.key, action: action.kind, failure };
}
