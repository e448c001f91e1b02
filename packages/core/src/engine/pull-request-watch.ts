import { toPluginSession } from "../act/plugin-session.ts";
import type { SessionRecord } from "../model/session.ts";
import { observePullRequests } from "../observe/pull-requests.ts";
import type { SCM } from "../slots/scm.ts";
import type { Engine } from "./engine.ts";
import type { World } from "./world.ts";

export interface PullRequestWatch {
  /** Takes up the projects of these sessions. */
  follow(records: readonly SessionRecord[]): void;
  wake(sessionId?: string): void;
  stop(): Promise<void>;
}

const DEFAULT_POLL_MS = 30_000;

/** A session whose pull request can still change anything. */
export const wantsPullRequest = (record: SessionRecord): boolean =>
  record.workspacePath !== null &&
  !record.isArchived &&
  record.phase !== "queued" &&
  record.ending?.status !== "merged" &&
  record.ending?.status !== "done";

/** One loop per project with sessions: ask for all its pull requests in one, then sleep, or until something calls. */
export function createPullRequestWatch(engine: Engine, world: World, signal: AbortSignal): PullRequestWatch {
  const projects = new Map<string, { wake(): void; done: Promise<void> }>();
  const keyOf = (record: SessionRecord) => `${record.instanceId}-${record.projectId}`;
  const recordsOf = (key: string) =>
    Object.values(engine.state.sessions).filter((record) => keyOf(record) === key && wantsPullRequest(record));

  function begin(key: string): void {
    let call: (() => void) | null = null;
    let isCalled = false;
    const wake = () => {
      isCalled = true;
      call?.();
    };
    const pause = async (ms: number) => {
      if (isCalled) return;
      const waiting = new AbortController();
      call = () => waiting.abort();
      await world.clock.sleep(ms, AbortSignal.any([waiting.signal, signal])).catch(() => undefined); // woken: that is the point
      call = null;
    };
    const run = async () => {
      let stopWatch: (() => Promise<void>) | null = null;
      while (!signal.aborted) {
        const records = recordsOf(key);
        if (records.length === 0) break;
        isCalled = false;
        const scm = await lookOnce(records);
        if (scm !== null && stopWatch === null) stopWatch = (await scm.watch?.(() => wake()))?.stop ?? null;
        await pause(scm?.pollMs ?? DEFAULT_POLL_MS);
      }
      await stopWatch?.();
    };
    const done = run()
      .catch((error: unknown) => world.log.warn(`pull requests of ${key}: ${String(error)}`))
      .finally(() => projects.delete(key));
    projects.set(key, { wake, done });
  }

  async function lookOnce(records: SessionRecord[]): Promise<SCM | null> {
    const first = records[0];
    const project = first === undefined ? null : world.project(first);
    if (first === undefined || project === null) return null;
    try {
      const scm = await world.plugins(first).scm();
      await observePullRequests({
        scm,
        project,
        records,
        toSession: (record) => toPluginSession(record, world.paths(record)),
        tell: (id, facts) => engine.tell(id, facts),
        signal,
      });
      return scm;
    } catch (error) {
      if (!signal.aborted) world.log.warn(`pull requests of ${project.id}: ${String(error)}`);
      return null;
    }
  }

  return {
    follow(records) {
      for (const record of records) {
        if (!wantsPullRequest(record)) continue;
        if (!projects.has(keyOf(record))) begin(keyOf(record));
      }
    },
    wake(sessionId) {
      const record = sessionId === undefined ? undefined : engine.state.sessions[sessionId];
      if (record === undefined) for (const { wake } of projects.values()) wake();
      else projects.get(keyOf(record))?.wake();
    },
    async stop() {
      for (const { wake } of projects.values()) wake();
      await Promise.allSettled([...projects.values()].map(({ done }) => done));
    },
  };
}
