import { toPluginSession } from "../act/plugin-session.ts";
import { answerWithin } from "../host/deadline.ts";
import { projectKey } from "../model/ids.ts";
import type { LastLook, PRInfo } from "../model/pull-request.ts";
import type { SessionRecord } from "../model/session.ts";
import { formatDuration, toIso } from "../model/time.ts";
import { observePullRequests } from "../observe/pull-requests.ts";
import type { SCM } from "../slots/scm.ts";
import type { Engine } from "./engine.ts";
import { createPacer, type Pacer } from "./pacer.ts";
import type { World } from "./world.ts";

export interface PullRequestWatch {
  /** Starts watching the projects of these sessions. */
  follow(records: readonly SessionRecord[]): void;
  wake(sessionId?: string): void;
  /** How current what is known of its pull request is. Null: the scm has not answered since the start. */
  lastLook(sessionId: string): LastLook | null;
  stop(): Promise<void>;
}

const DEFAULT_POLL_MS = 30_000;
/** How long opening a watch may take. */
const OPEN_MS = 60_000;

/** A session whose pull request can still change anything. */
export const wantsPullRequest = (record: SessionRecord): boolean =>
  record.workspacePath !== null &&
  !record.isArchived &&
  record.phase !== "queued" &&
  // Until the agent is told of its present state, what it says is no news.
  record.pr.taken?.at !== null &&
  record.ending?.status !== "merged" &&
  record.ending?.status !== "done";

/** One loop per project with sessions. It asks for all pull requests at once, then sleeps until its time or a call. */
export const createPullRequestWatch = (engine: Engine, world: World, signal: AbortSignal): PullRequestWatch =>
  new ProjectLoops(engine, world, signal);

interface Watched {
  scm: SCM;
  stop(): Promise<void>;
}

const keyOf = (record: SessionRecord): string => projectKey(record.instanceId, record.projectId);

class ProjectLoops implements PullRequestWatch {
  readonly #engine: Engine;
  readonly #world: World;
  readonly #signal: AbortSignal;
  readonly #projects = new Map<string, { pacer: Pacer; done: Promise<void> }>();
  readonly #looks = new Map<string, LastLook | { atMs: number; pollMs: number }>();

  constructor(engine: Engine, world: World, signal: AbortSignal) {
    this.#engine = engine;
    this.#world = world;
    this.#signal = signal;
  }

  follow(records: readonly SessionRecord[]): void {
    for (const record of records) {
      if (wantsPullRequest(record) && !this.#projects.has(keyOf(record))) this.#begin(keyOf(record));
    }
  }

  wake(sessionId?: string): void {
    const record = sessionId === undefined ? undefined : this.#engine.state.sessions[sessionId];
    if (record === undefined) for (const { pacer } of this.#projects.values()) pacer.wake();
    else this.#projects.get(keyOf(record))?.pacer.wake();
  }

  lastLook(sessionId: string): LastLook | null {
    const look = this.#looks.get(sessionId) ?? null;
    if (look === null || "at" in look) return look;
    const { atMs, pollMs } = look;
    return { at: toIso(atMs), nextAt: toIso(atMs + pollMs), because: `it is asked every ${formatDuration(pollMs)}` };
  }

  #answered(sessionId: string, info: PRInfo, scm: SCM): void {
    const polled = { atMs: this.#world.clock.now(), pollMs: scm.pollMs ?? DEFAULT_POLL_MS };
    this.#looks.set(sessionId, scm.lastLook?.(info) ?? polled);
  }

  async stop(): Promise<void> {
    this.wake();
    await Promise.allSettled([...this.#projects.values()].map(({ done }) => done));
  }

  #begin(key: string): void {
    const pacer = createPacer(this.#world.clock, this.#signal);
    const done = this.#run(key, pacer)
      .then(() => this.#ended(key))
      .catch((error: unknown) => {
        this.#projects.delete(key);
        this.#world.log.warn(`pull requests of ${key}: ${String(error)}`);
      });
    this.#projects.set(key, { pacer, done });
  }

  /** A session may have started while the last watch was being closed. */
  #ended(key: string): void {
    this.#projects.delete(key);
    for (const id of this.#looks.keys()) if (!this.#engine.state.sessions[id]) this.#looks.delete(id);
    if (!this.#signal.aborted) this.follow(Object.values(this.#engine.state.sessions));
  }

  async #run(key: string, pacer: Pacer): Promise<void> {
    let watched: Watched | null = null;
    while (!this.#signal.aborted) {
      const records = Object.values(this.#engine.state.sessions).filter(
        (record) => keyOf(record) === key && wantsPullRequest(record),
      );
      if (records.length === 0) break;
      const scm = await this.#lookOnce(records, pacer.begin());
      // A changed config brings another scm. The old one must not keep running.
      if (scm !== null && watched?.scm !== scm) {
        await watched?.stop();
        watched = await this.#openWatch(scm, () => pacer.wake());
      }
      await pacer.pause(scm?.pollMs ?? DEFAULT_POLL_MS);
    }
    await watched?.stop();
  }

  /** Null if it cannot be watched now. It is polled, and the next round tries again. */
  async #openWatch(scm: SCM, wake: () => void): Promise<Watched | null> {
    try {
      const watch = await this.#opened(scm, wake);
      return { scm, stop: async () => watch?.stop() };
    } catch (error) {
      if (!this.#signal.aborted) this.#world.log.warn(`cannot watch the scm yet: ${String(error)}`);
      return null;
    }
  }

  async #opened(scm: SCM, wake: () => void): Promise<Awaited<ReturnType<NonNullable<SCM["watch"]>>> | undefined> {
    const asking = { whom: "its watch", timeoutMs: OPEN_MS, clock: this.#world.clock, signal: this.#signal };
    let opening: ReturnType<NonNullable<SCM["watch"]>> | undefined;
    try {
      return await answerWithin(async (signal) => {
        opening = scm.watch?.(wake, { signal });
        return opening;
      }, asking);
    } catch (error) {
      // One that opens later after all is not wanted any more.
      opening?.then((watch) => watch.stop()).catch(() => undefined);
      throw error;
    }
  }

  async #lookOnce(records: SessionRecord[], isWoken: boolean): Promise<SCM | null> {
    const first = records[0];
    const project = first === undefined ? null : this.#world.project(first);
    if (first === undefined || project === null) return null;
    try {
      const scm = await this.#world.plugins(first).scm();
      await observePullRequests({
        scm,
        project,
        records,
        isWoken,
        toSession: (record) => toPluginSession(record, this.#world.paths(record)),
        current: (id) => this.#engine.state.sessions[id],
        tell: (id, facts) => this.#engine.tell(id, facts),
        answered: (id, info) => this.#answered(id, info, scm),
        clock: this.#world.clock,
        signal: this.#signal,
      });
      return scm;
    } catch (error) {
      if (!this.#signal.aborted) this.#world.log.warn(`pull requests of ${project.id}: ${String(error)}`);
      return null;
    }
  }
}
