import { noLater, pullBack } from "../decide/set-back.ts";
import { type Plan, planStep, type StepContext } from "../decide/step.ts";
import { failpoint } from "../host/failpoint.ts";
import type { ActionKind } from "../model/action.ts";
import type { CommandKind, CommandOf, ResultOf, StateCommand } from "../model/command.ts";
import { AoError, isAoError } from "../model/errors.ts";
import type { Failure, SessionFact } from "../model/fact.ts";
import { NOTICES } from "../model/notice.ts";
import type { SessionRecord } from "../model/session.ts";
import type { State } from "../model/state.ts";
import { toIso } from "../model/time.ts";
import type { Lifecycle } from "../slots/lifecycle.ts";
import type { Store } from "../store/store.ts";
import { type Alarm, createAlarm } from "./alarm.ts";
import { carryOutAll } from "./commands.ts";
import { createExecutor, type Executor, type Perform } from "./executor.ts";
import { createGapWatch, type Gap } from "./gap.ts";
import { emptyInbox, type Inbox, isEmpty, type NewFact } from "./mailbox.ts";
import { createWaiters, type Waiters } from "./waiters.ts";
import type { World } from "./world.ts";

export interface Engine extends Lifecycle {
  readonly state: State;
  /**
   * Changes what no single session owns. Resolves when it is on disk, before any action that follows from it begins. Rejects if it
   * was refused or could not be written.
   */
  command<K extends CommandKind>(command: CommandOf<K>): Promise<ResultOf<K>>;
  /** Resolves with the first truthy result of `probe`, which is called now and after every commit. */
  until<T>(probe: (state: State) => T | null | undefined | false, options?: { signal?: AbortSignal }): Promise<T>;
  /** Why the last action of this kind failed in this session, if that was after `seq` and since the daemon started. */
  failure(sessionId: string, kind: ActionKind, afterSeq: number): Failure | null;
  /** Runs the intents that were open when the daemon last ended. */
  resume(): void;
  /** Accepts no more facts, and waits for the actions under way. */
  stop(): Promise<void>;
  /** Why the last commit failed, until one succeeds. */
  readonly trouble: AoError | null;
  /** Restarts every duration, because the machine or the daemon slept. */
  restartWatch(because: "restart" | "sleep"): void;
}

const RETRY_COMMIT_MS = 2_000;

/** They say that something goes on, and nothing waits for them. They are taken together, or with the next fact that is in a hurry. */
const IN_NO_HURRY: ReadonlySet<SessionFact["kind"]> = new Set(["output", "progress"]);
const TOGETHER_MS = 1_000;

interface EngineDeps {
  store: Store;
  world: World;
  perform: Perform;
}

/**
 * The loop. Facts and commands wait in an inbox. One synchronous step decides on all of them, commits once, and only then
 * starts the actions. A commit that fails leaves the old state in force and the facts in the inbox.
 */
export const createEngine = (deps: EngineDeps): Engine => new Loop(deps);

class Loop implements Engine {
  readonly #store: Store;
  readonly #world: World;
  readonly #executor: Executor;
  readonly #alarm: Alarm;
  readonly #waiters: Waiters;
  readonly #listeners = new Set<(changed: readonly SessionRecord[]) => void>();
  readonly #failures = new Map<string, { failure: Failure; seq: number }>();
  /** A caller waits for these and is told if they cannot be committed, so they must not happen later. */
  readonly #wishes = new WeakSet<SessionFact>();
  #inbox: Inbox = emptyInbox();
  #isScheduled = false;
  #isScheduledLater = false;
  /** The last commit failed. The retry comes at its own time, whatever arrives before. */
  #isWaitingToRetry = false;
  #isStopped = false;
  #trouble: AoError | null = null;
  #watchedSinceMs: number;
  readonly #gapSince: (lateMs: number) => Gap;

  constructor({ store, world, perform }: EngineDeps) {
    this.#store = store;
    this.#world = world;
    this.#watchedSinceMs = world.clock.now();
    this.#gapSince = createGapWatch(world.clock);
    this.#alarm = createAlarm(world.clock, () => this.#schedule());
    this.#waiters = createWaiters(() => store.state);
    this.#executor = createExecutor({
      world,
      perform,
      state: () => store.state,
      tell: (sessionId, facts, done) => this.tell(sessionId, facts, done),
    });
  }

  get state(): State {
    return this.#store.state;
  }

  get trouble(): AoError | null {
    return this.#trouble;
  }

  tell(sessionId: string, facts: NewFact[], done?: string): void {
    if (this.#isStopped) return;
    const nowMs = this.#world.clock.now();
    const list = this.#inbox.facts.get(sessionId) ?? [];
    const stamped = facts.map((fact) => noLater({ at: toIso(nowMs), ...fact }, nowMs) as SessionFact);
    if (done === undefined) for (const fact of stamped) if (fact.kind.startsWith("wish-")) this.#wishes.add(fact);
    list.push(...stamped);
    this.#inbox.facts.set(sessionId, list);
    if (done !== undefined) this.#inbox.done.add(done);
    for (const fact of facts) {
      if (fact.kind !== "effect-failed") continue;
      this.#failures.set(`${sessionId} ${fact.action}`, { failure: fact.failure, seq: this.state.seq });
    }
    if (done === undefined && facts.every(({ kind }) => IN_NO_HURRY.has(kind))) this.#scheduleLater();
    else this.#schedule();
  }

  command<K extends CommandKind>(command: CommandOf<K>): Promise<ResultOf<K>> {
    return this.#committed(command) as Promise<ResultOf<K>>;
  }

  #committed(command: StateCommand | null): Promise<unknown> {
    return new Promise((accept, reject) => {
      if (this.#isStopped) return reject(ENDED);
      this.#inbox.commands.push({ command, accept, reject });
      this.#schedule();
    });
  }

  failure(sessionId: string, kind: ActionKind, afterSeq: number): Failure | null {
    const last = this.#failures.get(`${sessionId} ${kind}`);
    return last !== undefined && last.seq > afterSeq ? last.failure : null;
  }

  until<T>(probe: (state: State) => T | null | undefined | false, options?: { signal?: AbortSignal }): Promise<T> {
    return this.#waiters.until(probe, options?.signal);
  }

  onCommit(listener: (changed: readonly SessionRecord[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  resume(): void {
    this.#pullBack();
    for (const intent of Object.values(this.state.intents)) this.#executor.resume(intent);
    for (const id of Object.keys(this.state.sessions)) this.#inbox.due.add(id);
    if (Object.keys(this.state.notices).length > 0) this.#inbox.due.add(NOTICES);
    this.#schedule();
  }

  async settled(): Promise<void> {
    await this.#committed(null);
  }

  idle = (): Promise<void> => this.#executor.idle();

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#alarm.stop();
    for (const { reject } of this.#inbox.commands.splice(0)) reject(ENDED);
    await this.#executor.stop();
  }

  restartWatch(because: "restart" | "sleep"): void {
    this.#watchedSinceMs = this.#world.clock.now();
    for (const record of Object.values(this.state.sessions)) {
      if (record.phase !== "ended" && !record.isArchived) this.tell(record.id, [{ kind: "resumed-watch", because }]);
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isStopped || this.#isWaitingToRetry) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isStopped) this.#step();
    });
  }

  /** A step costs about the same for one session as for all. */
  #scheduleLater(): void {
    if (this.#isScheduledLater) return;
    this.#isScheduledLater = true;
    void this.#world.clock.sleep(TOGETHER_MS).then(() => {
      this.#isScheduledLater = false;
      this.#schedule();
    });
  }

  #step(): void {
    const nowMs = this.#world.clock.now();
    const due = this.#alarm.takeDue(nowMs);
    for (const id of due.ids) this.#inbox.due.add(id);
    this.#noticeGap(due.lateMs);
    if (isEmpty(this.#inbox)) return;
    const taken = this.#inbox;
    this.#inbox = emptyInbox();
    const before = this.state;
    const { state, facts, ...commanded } = carryOutAll(before, { inbox: taken, nowMs });
    for (const id of commanded.touched) taken.due.add(id);
    const plan = planStep(state, { ...taken, facts }, this.#context(nowMs));
    plan.events.unshift(...commanded.events);
    for (const { sessionId, error } of plan.bugs) this.#world.log.warn(`${sessionId}: ${describeBug(error)}`);
    if (!this.#commit(plan, taken)) return;
    commanded.accept();
    for (const [id, wakeAt] of plan.wakeAt) this.#alarm.set(id, wakeAt);
    for (const { sessionId, action } of plan.actions) this.#executor.run(sessionId, action);
    this.#announce(before);
  }

  /** Runs before anything is decided: what fell due while the process was not running is not due yet. */
  #noticeGap(lateMs: number): void {
    const { isGap, isSetBack } = this.#gapSince(lateMs);
    if (isSetBack) this.#pullBack();
    if (isGap) this.restartWatch("sleep");
  }

  /** What lies ahead would count as the newest for as long as the clock was set back. */
  #pullBack(): void {
    if (pullBack(this.state, this.#world.clock.now()) === this.state) return;
    const nobody = () => undefined;
    this.#inbox.commands.push({ command: { kind: "pull-back" }, accept: nobody, reject: nobody });
    this.#schedule();
  }

  #context(nowMs: number): StepContext {
    return {
      nowMs,
      policy: (record, state) => this.#world.policy(record, state),
      watchedSince: () => this.#watchedSinceMs,
      limits: (state) => this.#world.limits(state),
    };
  }

  #commit(plan: Plan, taken: Inbox): boolean {
    try {
      failpoint("commit.before");
      this.#store.commit({ next: plan.next, events: plan.events });
      failpoint("commit.after");
      this.#trouble = null;
      return true;
    } catch (error) {
      if (!isAoError(error)) throw error;
      this.#trouble = error;
      this.#world.log.warn(`could not write the event log: ${error.message}`);
      for (const { reject } of taken.commands) reject(error);
      this.#waiters.fail(error);
      this.#keepForLater(taken);
      return false;
    }
  }

  #keepForLater(taken: Inbox): void {
    for (const [id, all] of taken.facts) {
      const facts = all.filter((fact) => !this.#wishes.has(fact));
      this.#inbox.facts.set(id, [...facts, ...(this.#inbox.facts.get(id) ?? [])]);
    }
    for (const key of taken.done) this.#inbox.done.add(key);
    for (const id of taken.due) this.#inbox.due.add(id);
    this.#isWaitingToRetry = true;
    void this.#world.clock.sleep(RETRY_COMMIT_MS).then(() => {
      this.#isWaitingToRetry = false;
      this.#schedule();
    });
  }

  #announce(before: State): void {
    const after = this.state;
    const changed = Object.values(after.sessions).filter((record) => before.sessions[record.id] !== record);
    for (const listener of this.#listeners) this.#inform(listener, changed);
    this.#waiters.check();
  }

  #inform(listener: (changed: readonly SessionRecord[]) => void, changed: readonly SessionRecord[]): void {
    try {
      listener(changed);
    } catch (error) {
      // It is committed. A listener that throws must not keep it from the others.
      this.#world.log.warn(`a listener failed: ${describeBug(error)}`);
    }
  }
}

const describeBug = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

const ENDED = new AoError("TRY_AGAIN", "the daemon is stopping", { hint: "Try again. The next daemon will answer." });
