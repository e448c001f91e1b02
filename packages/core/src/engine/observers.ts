import { agentTerminal } from "../act/agent-terminal.ts";
import { toPluginSession } from "../act/plugin-session.ts";
import { stuckAfterMs } from "../decide/stuck.ts";
import { withDeadline } from "../host/deadline.ts";
import { createLookPace, type LookPace } from "../host/look-pace.ts";
import { AoError } from "../model/errors.ts";
import type { LastLook } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import { HEAD_MOVED, type LaunchWatch, watchLaunch } from "../observe/launch-watch.ts";
import type { RuntimeHandle } from "../slots/common.ts";
import type { Engine } from "./engine.ts";
import { createIssueWatch, type IssueWatch } from "./issue-watch.ts";
import { createLeftoverWatch, type LeftoverWatch } from "./leftover-watch.ts";
import { createProcessWatch, isWatched, type ProcessWatch } from "./process-watch.ts";
import { createPullRequestWatch, type PullRequestWatch } from "./pull-request-watch.ts";
import { createWorkWatch, type WorkWatch } from "./work-watch.ts";
import type { World } from "./world.ts";

export interface Observers {
  /** Look at everything once now: processes, checkouts, pull requests. */
  lookAtAll(): Promise<void>;
  /** Something may have changed for these sessions' pull requests (or all), so ask soon. */
  wake(sessionId?: string): void;
  /** How current what is known of its pull request is. Null: the scm has not answered since the start. */
  lastLook(sessionId: string): LastLook | null;
  stop(): Promise<void>;
}

const REWATCH_AFTER_MS = 2_000;
/** A watch that is not open by then is opened again. */
const OPEN_MS = 30_000;
/** How long to wait for watches to close before they are abandoned. */
const LET_GO_MS = 5_000;

interface OpenWatch {
  launch: number;
  watch: Promise<LaunchWatch | null>;
  isPushed: boolean;
}

/** Keeps one watch per living launch, inspects checkouts when a turn ended, and checks processes directly. */
export const startObservers = (engine: Engine, world: World): Observers => new Watching(engine, world);

class Watching implements Observers {
  readonly #engine: Engine;
  readonly #world: World;
  readonly #stopping = new AbortController();
  readonly #watches = new Map<string, OpenWatch>();
  readonly #processes: ProcessWatch;
  readonly #pace: LookPace;
  readonly #work: WorkWatch;
  readonly #pullRequests: PullRequestWatch;
  readonly #issues: IssueWatch;
  readonly #leftovers: LeftoverWatch;
  readonly #stopListening: () => void;

  constructor(engine: Engine, world: World) {
    this.#engine = engine;
    this.#world = world;
    const { signal } = this.#stopping;
    this.#pace = createLookPace(world.clock);
    this.#work = createWorkWatch(engine, world, { signal, quietly: (work) => this.#quietly(work) });
    this.#pullRequests = createPullRequestWatch(engine, world, signal);
    this.#issues = createIssueWatch(engine, world, signal);
    this.#leftovers = createLeftoverWatch(engine, world, signal);
    this.#stopListening = engine.onCommit((changed) => this.#follow(changed));
    this.#processes = createProcessWatch(engine, world, {
      signal,
      quietly: (work) => this.#quietly(work),
      isPushed: (id) => this.#watches.get(id)?.isPushed === true,
      onSleep: () => this.#wakeAll(),
    });
    for (const record of Object.values(engine.state.sessions)) {
      this.#followLaunch(record);
      this.#leftovers.follow(record);
    }
    this.#issues.follow(Object.values(engine.state.sessions));
  }

  async lookAtAll(): Promise<void> {
    const records = Object.values(this.#engine.state.sessions);
    await this.#processes.lookAtAll();
    await Promise.all(records.map((record) => this.#quietly(this.#work.look(record.id))));
    this.#pullRequests.follow(records);
    this.#issues.follow(records);
    this.#wakeAll();
  }

  lastLook(sessionId: string): LastLook | null {
    return this.#pullRequests.lastLook(sessionId);
  }

  wake(sessionId?: string): void {
    this.#pullRequests.wake(sessionId);
  }

  #wakeAll(): void {
    this.#pullRequests.wake();
    this.#issues.wake();
  }

  async stop(): Promise<void> {
    this.#stopListening();
    this.#stopping.abort();
    const letGo = Promise.allSettled([
      this.#pullRequests.stop(),
      this.#issues.stop(),
      ...[...this.#watches.values()].map(async ({ watch }) => (await watch)?.stop()),
    ]);
    const limit = new AbortController();
    const late = this.#world.clock.sleep(LET_GO_MS, limit.signal).catch(() => undefined); // All have closed.
    await Promise.race([letGo, late]);
    limit.abort();
  }

  #follow(changed: readonly SessionRecord[]): void {
    for (const record of changed) {
      this.#followLaunch(record);
      void this.#quietly(this.#work.look(record.id));
      this.#leftovers.follow(record);
    }
    this.#pullRequests.follow(changed);
    this.#issues.follow(changed);
  }

  #followLaunch(record: SessionRecord): void {
    const open = this.#watches.get(record.id);
    const wanted = isWatched(record) ? (record.launch.last?.number ?? null) : null;
    if (open !== undefined && open.launch === wanted) return;
    if (open !== undefined) {
      this.#watches.delete(record.id);
      void open.watch.then((watch) => watch?.stop());
    }
    if (wanted === null) return;
    const fresh: OpenWatch = { launch: wanted, watch: this.#openWatch(record), isPushed: false };
    this.#watches.set(record.id, fresh);
    void fresh.watch.then((watch) => {
      fresh.isPushed = watch?.isPushed ?? false;
    });
  }

  async #openWatch(record: SessionRecord): Promise<LaunchWatch | null> {
    const handle = record.launch.last?.handle;
    if (handle === null || handle === undefined) return null;
    const opening = this.#beginWatch(record, handle);
    try {
      const late = () => new AoError("UNREACHABLE", `it did not answer within ${OPEN_MS / 1000} s`);
      const limits = { clock: this.#world.clock, ms: OPEN_MS, signal: this.#stopping.signal, late };
      return await withDeadline(() => opening, limits);
    } catch (error) {
      // If it opens after all, another one is in use by then.
      void opening.then((watch) => watch.stop()).catch(() => undefined); // It never opened.
      if (this.#stopping.signal.aborted) return null;
      this.#world.log.warn(`cannot watch ${record.id} yet: ${error instanceof Error ? error.message : String(error)}`);
      void this.#quietly(this.#watchLater(record));
      return null;
    }
  }

  async #beginWatch(record: SessionRecord, handle: RuntimeHandle): Promise<LaunchWatch> {
    const plugins = this.#world.plugins(record);
    const runtime = await plugins.runtime();
    return watchLaunch({
      session: toPluginSession(record, this.#world.paths(record)),
      handle,
      runtime,
      agent: await plugins.agent(),
      terminal: agentTerminal(runtime, handle),
      workspace: await plugins.workspace(),
      log: this.#world.log,
      stuckAfterMs: stuckAfterMs(this.#world.policy(record, this.#engine.state)),
      readyThresholdMs: () => this.#world.policy(record, this.#engine.state).readyThresholdMs,
      clock: this.#world.clock,
      pace: this.#pace,
      headSha: record.work?.headSha ?? null,
      tell: (facts) => {
        if (facts.length > 0) this.#engine.tell(record.id, facts);
        const changes = facts.filter((fact) => fact.kind === "repository-changed");
        if (changes.some(({ what }) => what !== HEAD_MOVED)) this.#work.noteUnclear(record.id);
        // Ask the forge at once instead of waiting for a push.
        if (changes.length > 0) this.#pullRequests.wake(record.id);
      },
    });
  }

  /** Polls the process until the runtime can push facts again. */
  async #watchLater({ id, launch: { last: launch } }: SessionRecord): Promise<void> {
    await this.#world.clock.sleep(REWATCH_AFTER_MS, this.#stopping.signal);
    // By now another launch has its own watch.
    if (this.#watches.get(id)?.launch !== launch?.number) return;
    this.#watches.delete(id);
    const record = this.#engine.state.sessions[id];
    if (record !== undefined) this.#followLaunch(record);
  }

  #quietly(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      this.#world.log.warn(`observer: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}
