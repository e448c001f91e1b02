import { toPluginSession } from "../act/plugin-session.ts";
import type { SessionRecord } from "../model/session.ts";
import { type LaunchWatch, watchLaunch } from "../observe/launch-watch.ts";
import { observeProcess } from "../observe/process.ts";
import { observeWork, workWantedSince } from "../observe/work.ts";
import type { Engine } from "./engine.ts";
import { createPullRequestWatch } from "./pull-request-watch.ts";
import type { World } from "./world.ts";

export interface Observers {
  /** Look at everything once now: processes, checkouts, pull requests. */
  lookAtAll(): Promise<void>;
  /** Something may be new about these sessions' pull requests (or all): ask soon. */
  wake(sessionId?: string): void;
  stop(): Promise<void>;
}

const PROCESS_EVERY_MS = 2_000;
const SLEPT_MS = 5_000;

export const isWatched = (record: SessionRecord): boolean =>
  record.launch !== null && record.launch.handle !== null && record.launch.exit === null && !record.isArchived;

/** Keeps one watch per living launch, looks into checkouts when a turn ended, and judges processes by themselves. */
export function startObservers(engine: Engine, world: World): Observers {
  const stopping = new AbortController();
  const { signal } = stopping;
  const watches = new Map<string, { launch: number; watch: Promise<LaunchWatch | null> }>();
  const looking = new Set<string>();
  const pullRequests = createPullRequestWatch(engine, world, signal);

  async function openWatch(record: SessionRecord): Promise<LaunchWatch | null> {
    const plugins = world.plugins(record);
    const handle = record.launch?.handle;
    if (handle === null || handle === undefined) return null;
    try {
      return await watchLaunch({
        session: toPluginSession(record, world.paths(record)),
        handle,
        runtime: await plugins.runtime(),
        agent: await plugins.agent(),
        log: world.log,
        tell: (facts) => {
          if (facts.length > 0) engine.tell(record.id, facts);
        },
      });
    } catch (error) {
      world.log.warn(`cannot watch ${record.id}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  function followLaunch(record: SessionRecord): void {
    const open = watches.get(record.id);
    const wanted = isWatched(record) ? (record.launch?.number ?? null) : null;
    if (open !== undefined && open.launch === wanted) return;
    if (open !== undefined) {
      watches.delete(record.id);
      void open.watch.then((watch) => watch?.stop());
    }
    if (wanted !== null) watches.set(record.id, { launch: wanted, watch: openWatch(record) });
  }

  async function lookAtWork(id: string): Promise<void> {
    const record = engine.state.sessions[id];
    if (record === undefined || looking.has(id) || workWantedSince(record) === null) return;
    const project = world.project(record);
    if (project === null) return;
    looking.add(id);
    try {
      const workspace = await world.plugins(record).workspace();
      const facts = await observeWork({ record, project, workspace, clock: world.clock, signal });
      const head = facts.find((fact) => fact.kind === "work")?.work.headSha ?? null;
      if (head !== null && head !== record.work?.headSha && record.workspacePath !== null) {
        await workspace.publish?.(record.workspacePath, project, { signal });
      }
      if (facts.length > 0) engine.tell(id, facts);
    } finally {
      looking.delete(id);
    }
  }

  async function lookAtProcess(record: SessionRecord): Promise<void> {
    if (record.launch === null) return;
    const runtime = await world.plugins(record).runtime();
    const facts = await observeProcess({ runtime, launch: record.launch, clock: world.clock, signal });
    if (facts.length > 0) engine.tell(record.id, facts);
  }

  const quietly = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      if (!signal.aborted) world.log.warn(`observer: ${error instanceof Error ? error.message : String(error)}`);
    });

  const lookAtProcesses = async () => {
    const alive = Object.values(engine.state.sessions).filter(isWatched);
    await Promise.all(alive.map((record) => quietly(lookAtProcess(record))));
  };

  const stopListening = engine.onCommit((changed) => {
    for (const record of changed) {
      followLaunch(record);
      void quietly(lookAtWork(record.id));
    }
    pullRequests.follow(changed);
  });

  void quietly(loop(engine, { world, signal, lookAtProcesses, wakeAll: () => pullRequests.wake() }));
  for (const record of Object.values(engine.state.sessions)) followLaunch(record);

  return {
    async lookAtAll() {
      const records = Object.values(engine.state.sessions);
      await lookAtProcesses();
      await Promise.all(records.map((record) => quietly(lookAtWork(record.id))));
      pullRequests.follow(records);
      pullRequests.wake();
    },
    wake: (sessionId) => pullRequests.wake(sessionId),
    async stop() {
      stopListening();
      stopping.abort();
      await pullRequests.stop();
      await Promise.allSettled([...watches.values()].map(async ({ watch }) => (await watch)?.stop()));
    },
  };
}

interface Loop {
  world: World;
  signal: AbortSignal;
  lookAtProcesses(): Promise<void>;
  wakeAll(): void;
}

/** Work, then sleep. A turn of the loop that took far longer by the wall than by the monotonic clock means the machine slept. */
async function loop(engine: Engine, { world, signal, lookAtProcesses, wakeAll }: Loop): Promise<void> {
  let wall = world.clock.now();
  let monotonic = world.clock.monotonic();
  while (!signal.aborted) {
    await world.clock.sleep(PROCESS_EVERY_MS, signal);
    const passed = { wall: world.clock.now() - wall, monotonic: world.clock.monotonic() - monotonic };
    wall += passed.wall;
    monotonic += passed.monotonic;
    await lookAtProcesses();
    const slept = Math.abs(passed.wall - passed.monotonic) > SLEPT_MS || passed.monotonic > PROCESS_EVERY_MS + SLEPT_MS;
    if (slept) {
      engine.restartWatch("sleep");
      wakeAll();
    }
  }
}
