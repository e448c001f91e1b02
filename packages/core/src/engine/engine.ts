import type { ActionKind } from "../model/action.ts";
import { type AoError, isAoError } from "../model/errors.ts";
import type { Failure, SessionFact } from "../model/fact.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { toIso } from "../model/time.ts";
import type { Store } from "../store/store.ts";
import { createAlarm } from "./alarm.ts";
import { createExecutor, type Perform } from "./executor.ts";
import { emptyInbox, type Inbox, isEmpty, type NewFact, type SessionEvent, type StateChange } from "./mailbox.ts";
import { type Plan, planStep, type StepContext } from "./step.ts";
import { createWaiters } from "./waiters.ts";
import type { World } from "./world.ts";

export interface Engine {
  readonly state: State;
  /** Puts facts of one session in; `done` names the intent whose result they are. */
  tell(sessionId: string, facts: NewFact[], done?: string): void;
  /** A change that no single session owns. Resolves when it is on disk; rejects when it was refused or could not be written. */
  change(change: StateChange): Promise<void>;
  /** Resolves with the first truthy answer of `probe`, asked now and after every commit. */
  until<T>(probe: (state: State) => T | null | undefined | false, options?: { signal?: AbortSignal }): Promise<T>;
  /** Called after every commit, with the sessions that changed. */
  onCommit(listener: (changed: readonly SessionRecord[]) => void): () => void;
  /** Why the last action of this kind failed in this session, since the daemon started; for whoever waits for it. */
  failure(sessionId: string, kind: ActionKind): Failure | null;
  /** Carries out intents that were open when the daemon last ended. */
  resume(): void;
  /** Resolves when no action is under way. */
  idle(): Promise<void>;
  /** Takes no more facts; waits for the actions under way. */
  stop(): Promise<void>;
  /** The last commit's failure, while there is one. */
  readonly trouble: AoError | null;
  /** Durations start anew: the machine slept, or the daemon did. */
  restartWatch(because: "restart" | "sleep"): void;
}

const RETRY_COMMIT_MS = 2_000;

/**
 * The loop: facts and changes wait in an inbox; one synchronous step decides on all of them, commits once, and only then
 * lets the actions go. A commit that fails leaves the old state in force and the facts in the inbox.
 */
export function createEngine(deps: { store: Store; world: World; perform: Perform }): Engine {
  const { store, world } = deps;
  let inbox: Inbox = emptyInbox();
  let isScheduled = false;
  let isStopped = false;
  let trouble: AoError | null = null;
  let watchedSinceMs = world.clock.now();
  const failures = new Map<string, Failure>();
  const listeners = new Set<(changed: readonly SessionRecord[]) => void>();
  const waiters = createWaiters(() => store.state);
  const alarm = createAlarm(world.clock, () => schedule());
  const executor = createExecutor({ world, perform: deps.perform, state: () => store.state, tell });

  function schedule(): void {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      runStep();
    });
  }

  function tell(sessionId: string, facts: NewFact[], done?: string): void {
    if (isStopped) return;
    const at = toIso(world.clock.now());
    const list = inbox.facts.get(sessionId) ?? [];
    list.push(...facts.map((fact) => ({ at, ...fact }) as SessionFact));
    inbox.facts.set(sessionId, list);
    if (done !== undefined) inbox.done.add(done);
    for (const fact of facts)
      if (fact.kind === "effect-failed") failures.set(`${sessionId} ${fact.action}`, fact.failure);
    schedule();
  }

  function change(wanted: StateChange): Promise<void> {
    return new Promise((resolve, reject) => {
      inbox.changes.push({ change: wanted, settle: (error) => (error === null ? resolve() : reject(error)) });
      schedule();
    });
  }

  const context = (nowMs: number): StepContext => ({
    nowMs,
    policy: (record, state) => world.policy(record, state),
    watchedSince: () => watchedSinceMs,
    maxConcurrent: (state) => world.maxConcurrent(state),
  });

  function runStep(): void {
    const nowMs = world.clock.now();
    for (const id of alarm.takeDue(nowMs)) inbox.due.add(id);
    if (isEmpty(inbox)) return;
    const taken = inbox;
    inbox = emptyInbox();
    const before = store.state;
    const changed = applyChanges(before, { inbox: taken, nowMs });
    for (const id of changed.touched) taken.due.add(id);
    const plan = planStep(changed.state, taken, context(nowMs));
    plan.events.unshift(...changed.events);
    if (!commit(plan, taken)) return;
    for (const { settle } of changed.accepted) settle(null);
    for (const [id, wakeAt] of plan.wakeAt) alarm.set(id, wakeAt);
    for (const { sessionId, action } of plan.actions) executor.run(sessionId, action);
    announce(before);
  }

  function commit(plan: Plan, taken: Inbox): boolean {
    try {
      store.commit({ next: plan.next, events: plan.events });
      trouble = null;
      return true;
    } catch (error) {
      if (!isAoError(error)) throw error;
      trouble = error;
      world.log.warn(`could not write the event log: ${error.message}`);
      for (const { settle } of taken.changes) settle(error);
      keepForLater(taken);
      return false;
    }
  }

  function keepForLater(taken: Inbox): void {
    for (const [id, facts] of taken.facts) inbox.facts.set(id, [...facts, ...(inbox.facts.get(id) ?? [])]);
    for (const key of taken.done) inbox.done.add(key);
    for (const id of taken.due) inbox.due.add(id);
    void world.clock.sleep(RETRY_COMMIT_MS).then(schedule);
  }

  function announce(before: State): void {
    const after = store.state;
    const changed = Object.values(after.sessions).filter((record) => before.sessions[record.id] !== record);
    for (const listener of listeners) listener(changed);
    waiters.check();
  }

  return {
    get state() {
      return store.state;
    },
    get trouble() {
      return trouble;
    },
    tell,
    change,
    failure: (sessionId, kind) => failures.get(`${sessionId} ${kind}`) ?? null,
    until: (probe, options) => waiters.until(probe, options?.signal),
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resume() {
      for (const intent of Object.values(store.state.intents)) executor.resume(intent);
      for (const id of Object.keys(store.state.sessions)) inbox.due.add(id);
      schedule();
    },
    idle: () => executor.idle(),
    async stop() {
      isStopped = true;
      alarm.stop();
      await executor.stop();
    },
    restartWatch(because) {
      watchedSinceMs = world.clock.now();
      for (const record of Object.values(store.state.sessions)) {
        if (record.phase !== "ended" && !record.isArchived) tell(record.id, [{ kind: "resumed-watch", because }]);
      }
    },
  };
}

interface Changed {
  state: State;
  events: SessionEvent[];
  accepted: Inbox["changes"];
  touched: string[];
}

/** Applies what no single session owns; one that refuses is told so, and the others go on. */
function applyChanges(state: State, { inbox, nowMs }: { inbox: Inbox; nowMs: number }): Changed {
  const result: Changed = { state, events: [], accepted: [], touched: [] };
  for (const entry of inbox.changes) {
    try {
      const { state: next, events } = entry.change(result.state, nowMs);
      result.events.push(...(events ?? []));
      result.state = next;
      result.accepted.push(entry);
    } catch (error) {
      entry.settle(error);
    }
  }
  inbox.changes = result.accepted;
  result.touched = Object.keys(result.state.sessions).filter((id) => result.state.sessions[id] !== state.sessions[id]);
  if (result.state.isPaused !== state.isPaused || result.state.projects !== state.projects) {
    result.touched = Object.keys(result.state.sessions);
  }
  return result;
}
