import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import type { IssueFilter } from "./inputs.ts";
import { isClosed, readIssue } from "./issue.ts";
import { issueStateOf } from "./states.ts";

/** So many issues are asked for in one query. */
export const BATCH = 50;

const WATCHED = `query Watched($filter: IssueFilter!, $first: Int!) {
  issues(filter: $filter, first: $first, includeArchived: true) { nodes { identifier trashed state { type } } }
}`;
type Answer = { issues: { nodes: { identifier: string; trashed: boolean | null; state: { type: string } }[] } };

interface Asker {
  id: string;
  signal: AbortSignal | undefined;
  resolve(isCompleted: boolean): void;
  reject(reason: unknown): void;
}

/** Answers `isCompleted`. Questions that come at once are one query for each fifty. */
export function createWatch(desk: Desk): (id: string, options?: CallOptions) => Promise<boolean> {
  let waiting: Asker[] = [];

  async function askAll(askers: readonly Asker[]): Promise<void> {
    const ids = [...new Set(askers.map(({ id }) => id))];
    for (let from = 0; from < ids.length; from += BATCH) {
      const some = new Set(ids.slice(from, from + BATCH));
      await askSome(
        desk,
        askers.filter(({ id }) => some.has(id)),
      );
    }
  }

  return (id, { signal } = {}) =>
    new Promise<boolean>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const asker: Asker = { id, signal, resolve, reject };
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      waiting.push(asker);
      if (waiting.length > 1) return;
      // After everything that asks in this turn.
      setImmediate(() => {
        const askers = waiting.filter((one) => one.signal?.aborted !== true);
        waiting = [];
        void askAll(askers);
      });
    });
}

/** One query. Given up when nobody waits for it any more. */
async function askSome(desk: Desk, askers: readonly Asker[]): Promise<void> {
  const given = new AbortController();
  const giveUp = () => {
    if (askers.every(({ signal }) => signal?.aborted === true)) given.abort(askers[0]?.signal?.reason);
  };
  for (const { signal } of askers) signal?.addEventListener("abort", giveUp, { once: true });
  try {
    const states = await statesOf(desk, [...new Set(askers.map(({ id }) => id))], given.signal);
    for (const asker of askers) {
      const isCompleted = states.get(asker.id);
      if (isCompleted !== undefined) asker.resolve(isCompleted);
      // Moved to another team, deleted, or not visible: only its own query tells.
      else
        await readIssue(desk, { id: asker.id, workspace: null }, { signal: given.signal }).then(
          (issue) => asker.resolve(isClosed(issue)),
          asker.reject,
        );
    }
  } catch (error) {
    for (const { reject } of askers) reject(error);
  } finally {
    for (const { signal } of askers) signal?.removeEventListener("abort", giveUp);
  }
}

/** By identifier: whether it is over. What Linear did not list is absent. */
async function statesOf(desk: Desk, ids: readonly string[], signal: AbortSignal): Promise<Map<string, boolean>> {
  const byTeam = new Map<string, number[]>();
  for (const id of ids) {
    const [, key, number] = /^([A-Z][A-Z0-9]*)-(\d+)$/.exec(id) ?? [];
    if (key !== undefined) byTeam.set(key, [...(byTeam.get(key) ?? []), Number(number)]);
  }
  if (byTeam.size === 0) return new Map();
  const teams = [...byTeam].map(
    ([key, numbers]): IssueFilter => ({ team: { key: { eq: key } }, number: { in: numbers } }),
  );
  const variables = { filter: { or: teams }, first: ids.length };
  const what = `read the state of ${ids.length === 1 ? `issue ${ids[0]}` : `${ids.length} issues`}`;
  const { issues } = await desk.linear.ask<Answer>(WATCHED, variables, { what, signal });
  const listed = issues.nodes.filter(({ trashed }) => trashed !== true);
  return new Map(listed.map(({ identifier, state }) => [identifier, isClosed({ state: issueStateOf(state.type) })]));
}
