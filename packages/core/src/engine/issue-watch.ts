import { awaitedIssues, unmetOf } from "../decide/predecessors.ts";
import { projectKey } from "../model/ids.ts";
import type { SessionRecord } from "../model/session.ts";
import { observeIssue } from "../observe/issues.ts";
import type { Engine } from "./engine.ts";
import { createPacer, type Pacer } from "./pacer.ts";
import type { World } from "./world.ts";

export interface IssueWatch {
  /** Starts asking for the issues that these sessions wait for. */
  follow(records: readonly SessionRecord[]): void;
  wake(): void;
  stop(): Promise<void>;
}

const DEFAULT_POLL_MS = 30_000;

/** One loop per project, for as long as a queued session of it waits for an issue. */
export function createIssueWatch(engine: Engine, world: World, signal: AbortSignal): IssueWatch {
  const loops = new Map<string, { pacer: Pacer; done: Promise<void> }>();
  const waitingOf = (key: string) =>
    Object.values(engine.state.sessions).filter((record) => keyOf(record) === key && awaitedIssues(record).length > 0);

  /** When to ask again, or null if nothing of this project is waited for any more. */
  async function lookOnce(key: string): Promise<number | null> {
    const waiting = waitingOf(key);
    const [first] = waiting;
    const project = first === undefined ? null : world.project(first);
    if (first === undefined || project === null) return null;
    const tracker = await world.plugins(first).tracker();
    // At once, so that a tracker can ask for many issues in one request.
    const issues = [...new Set(waiting.flatMap(awaitedIssues))];
    await Promise.all(
      issues.map(async (issue) => {
        const fact = await observeIssue({ tracker, project, clock: world.clock, signal }, issue);
        for (const record of waiting) if (isNews(record, fact)) engine.tell(record.id, [fact]);
      }),
    );
    return tracker.pollMs ?? DEFAULT_POLL_MS;
  }

  async function run(key: string, pacer: Pacer): Promise<void> {
    while (!signal.aborted) {
      pacer.begin();
      const pollMs = await lookOnce(key).catch((error: unknown) => {
        if (!signal.aborted) world.log.warn(`issues of ${key}: ${String(error)}`);
        return DEFAULT_POLL_MS;
      });
      if (pollMs === null) break;
      await pacer.pause(pollMs);
    }
    loops.delete(key);
  }

  return {
    follow(records) {
      for (const record of records) {
        if (awaitedIssues(record).length === 0 || loops.has(keyOf(record)) || signal.aborted) continue;
        const pacer = createPacer(world.clock, signal);
        loops.set(keyOf(record), { pacer, done: run(keyOf(record), pacer) });
      }
    },
    wake() {
      for (const { pacer } of loops.values()) pacer.wake();
    },
    async stop() {
      await Promise.allSettled([...loops.values()].map(({ done }) => done));
    },
  };
}

const keyOf = ({ instanceId, projectId }: SessionRecord): string => projectKey(instanceId, projectId);

/** An answer that brings nothing new is no fact to write down. */
function isNews(record: SessionRecord, fact: Awaited<ReturnType<typeof observeIssue>>): boolean {
  const one = unmetOf(record).find(({ issue }) => issue === fact.issue);
  return one !== undefined && (fact.isClosed || (one.problem ?? null) !== fact.problem);
}
