import { agentTerminal } from "../act/agent-terminal.ts";
import { toPluginSession } from "../act/plugin-session.ts";
import { stuckAfterMs } from "../decide/stuck.ts";
import { withDeadline } from "../host/deadline.ts";
import { createLookPace, type LookPace } from "../host/look-pace.ts";
import { AoError } from "../model/errors.ts";
import type { LastLook } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import { HEAD_MOVED, type LaunchWatch, watchLaunch } from "../observe/launch-watch.ts";
import { observeProcess } from "../observe/process.ts";
import type { RuntimeHandle } from "../slots/common.ts";
import type { Engine } from "./engine.ts";
import { createGapWatch } from "./gap.ts";
import { createIssueWatch, type IssueWatch } from "./issue-watch.ts";
import { createLeftoverWatch, type LeftoverWatch } from "./leftover-watch.ts";
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

const PROCESS_EVERY_MS = 2_000;
/** Programs whose runtime reports their end by itself take turns: each is looked at once in so many rounds. */
const PUSHED_EVERY = 15;
const REWATCH_AFTER_MS = 2_000;
/** A watch that is not open by then is opened again. */
const OPEN_MS = 30_000;
/** How long to wait for watches to close before they are abandoned. */
const LET_GO_MS = 5_000;

export const isWatched = (record: SessionRecord): boolean =>
  record.launch !== null && record.launch.handle !== null && record.launch.exit === null && !record.isArchived;

interface OpenWatch {
  launch: number;
  watch: Promise<LaunchWatch | null>;
  isPushed: boolean;
  /** In which of the rounds it is looked at although it is pushed. */
  turn: number;
}

/** Keeps one watch per living launch, inspects checkouts when a turn ended, and checks processes directly. */
export const startObservers = (engine: Engine, world: World): Observers => new Watching(engine, world);

class Watching implements Observers {
  readonly #engine: Engine;
  readonly #world: World;
  readonly #stopping = new AbortController();
  readonly #watches = new Map<string, OpenWatch>();
  #looks = 0;
  #turns = 0;
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
    const lookAtProcesses = () => this.#lookAtProcesses(this.#looks++ % PUSHED_EVERY);
    void this.#quietly(loop(engine, { world, signal, lookAtProcesses, wakeAll: () => this.#wakeAll() }));
    for (const record of Object.values(engine.state.sessions)) {
      this.#followLaunch(record);
      this.#leftovers.follow(record);
    }
    this.#issues.follow(Object.values(engine.state.sessions));
  }

  async lookAtAll(): Promise<void> {
    const records = Object.values(this.#engine.state.sessions);
    await this.#lookAtProcesses("all");
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
    const wanted = isWatched(record) ? (record.launch?.number ?? null) : null;
    if (open !== undefined && open.launch === wanted) return;
    if (open !== undefined) {
      this.#watches.delete(record.id);
      void open.watch.then((watch) => watch?.stop());
    }
    if (wanted === null) return;
    const fresh: OpenWatch = {
      launch: wanted,
      watch: this.#openWatch(record),
      isPushed: false,
      turn: this.#turns++ % PUSHED_EVERY,
    };
    this.#watches.set(record.id, fresh);
    void fresh.watch.then((watch) => {
      fresh.isPushed = watch?.isPushed ?? false;
    });
  }

  async #openWatch(record: SessionRecord): Promise<LaunchWatch | null> {
    const handle = record.launch?.handle;
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
  async #watchLater({ id, launch }: SessionRecord): Promise<void> {
    await this.#world.clock.sleep(REWATCH_AFTER_MS, this.#stopping.signal);
    // By now another launch has its own watch.
    if (this.#watches.get(id)?.launch !== launch?.number) return;
    this.#watches.delete(id);
    const record = this.#engine.state.sessions[id];
    if (record !== undefined) this.#followLaunch(record);
  }

  async #lookAtProcesses(round: number | "all"): Promise<void> {
    const isDue = (open: OpenWatch | undefined) => open?.isPushed !== true || round === "all" || open.turn === round;
    const alive = Object.values(this.#engine.state.sessions).filter(
      (record) => isWatched(record) && isDue(this.#watches.get(record.id)),
    );
    const by = { engine: this.#engine, world: this.#world, signal: this.#stopping.signal };
    await Promise.all(alive.map((record) => this.#quietly(lookAtProcess(record, by))));
  }

  #quietly(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      this.#world.log.warn(`observer: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}

interface Looker {
  engine: Engine;
  world: World;
  signal: AbortSignal;
}

async function lookAtProcess(record: SessionRecord, { engine, world, signal }: Looker): Promise<void> {
  if (record.launch === null) return;
  const runtime = await world.plugins(record).runtime();
  const facts = await observeProcess({ runtime, launch: record.launch, clock: world.clock, signal });
  if (facts.length > 0) engine.tell(record.id, facts);
}

interface Loop {
  world: World;
  signal: AbortSignal;
  lookAtProcesses(): Promise<void>;
  wakeAll(): void;
}

/** Works, then sleeps. A round that took far longer by the wall clock than by the monotonic one means that the machine slept. */
async function loop(engine: Engine, { world, signal, lookAtProcesses, wakeAll }: Loop): Promise<void> {
  const { clock } = world;
  const gapSince = createGapWatch(clock);
  while (!signal.aborted) {
    const before = clock.monotonic();
    await clock.sleep(PROCESS_EVERY_MS, signal);
    const overslept = clock.monotonic() - before - PROCESS_EVERY_MS;
    // A look that takes long is not a sleep. The runtime is slow, and both clocks see time pass.
    await lookAtProcesses();
    if (gapSince(overslept).isGap) {
      engine.restartWatch("sleep");
      wakeAll();
    }
  }
}
