import { AoError, isAoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { aliasOf, BASE_CHECKS, detailsQuery, MORE_DETAILS, moreChecksQuery, stateQuery } from "./queries.ts";
import type { CommitNode, ContextNode, DetailsNode, PullRequestNode } from "./responses.ts";

/** More in one query makes GitHub time out on repositories with many checks. */
export const STATES_AT_ONCE = 25;
/** What people wrote is larger. */
const DETAILS_AT_ONCE = 10;
/** 10 pages of a hundred checks, or of fifty threads. */
const MAX_PAGES = 10;

export const variables = ({ repo }: Desk) => ({ owner: repo.owner, name: repo.name });
export const nameOf = ({ repo }: Desk): string => `${repo.owner}/${repo.name}`;

interface Batches {
  size: number;
  query(numbers: readonly number[]): string;
  /** "read the checks". */
  what: string;
  optional?: string;
}

/** The same of many pull requests. One that GitHub did not answer for, or not completely, is missing. */
async function inBatches<T>(
  desk: Desk,
  numbers: readonly number[],
  { size, query, what, ...options }: Batches & CallOptions,
): Promise<Map<number, T>> {
  const found = new Map<number, T>();
  for (let start = 0; start < numbers.length; start += size) {
    const batch = numbers.slice(start, start + size);
    const which = batch.length === 1 ? `pull request ${batch[0]}` : `${batch.length} pull requests`;
    const answer = await desk.github
      .graphql<{ repository: Record<string, T | null> | null }>(query(batch), variables(desk), {
        what: `${what} of ${which} of ${nameOf(desk)}`,
        // A single one throws its own reason.
        allowPartial: batch.length > 1,
        ...options,
      })
      .catch(unlessMissing);
    for (const number of batch) {
      const node = answer?.repository?.[aliasOf(number)];
      if (node) found.set(number, node);
    }
  }
  return found;
}

function unlessMissing(error: unknown): null {
  if (isAoError(error) && error.code === "NOT_FOUND") return null;
  throw error;
}

/** The state of many pull requests, all checks included. One that can't be read completely is missing, or throws if it is alone. */
export async function readStates(
  desk: Desk,
  numbers: readonly number[],
  options: CallOptions,
): Promise<Map<number, PullRequestNode>> {
  const batches = { size: STATES_AT_ONCE, query: stateQuery, what: "read the state", optional: "checkSuites" };
  const found = await inBatches<PullRequestNode>(desk, numbers, { ...batches, ...options });
  for (const [number, node] of found) {
    try {
      found.set(number, await withAllChecks(desk, node, options));
    } catch (error) {
      if (numbers.length === 1) throw error;
      desk.context.log.warn(toAoError(error).message);
      found.delete(number);
    }
  }
  return found;
}

/**
 * With the checks beyond the first page: one of them may be the one that fails. Throws if they can't be had: there are too
 * many, or somebody pushed in between.
 */
async function withAllChecks(desk: Desk, node: PullRequestNode, options: CallOptions): Promise<PullRequestNode> {
  const commit = node.commits.nodes[0]?.commit;
  const contexts = commit?.statusCheckRollup?.contexts;
  if (commit === undefined || !contexts?.pageInfo.hasNextPage) return node;
  const nodes = [...contexts.nodes];
  let page = contexts.pageInfo;
  for (let pages = 1; page.hasNextPage && pages < MAX_PAGES; pages++) {
    const answer = await desk.github.graphql<{
      repository: { pullRequest: { commits: { nodes: { commit: CommitNode }[] } } };
    }>(moreChecksQuery(node.number, page.endCursor ?? ""), variables(desk), {
      what: `read the checks of pull request ${node.number}`,
      ...options,
    });
    const now = answer.repository.pullRequest.commits.nodes[0]?.commit;
    const next = now?.oid === commit.oid ? now.statusCheckRollup?.contexts : undefined;
    if (next === undefined) throw incomplete(node);
    nodes.push(...next.nodes);
    page = next.pageInfo;
  }
  if (page.hasNextPage) throw incomplete(node);
  const statusCheckRollup = { contexts: { nodes, pageInfo: page } };
  return { ...node, commits: { nodes: [{ commit: { ...commit, statusCheckRollup } }] } };
}

const incomplete = ({ number }: PullRequestNode) =>
  new AoError("TRY_AGAIN", `not all checks of pull request ${number} could be read`);

export function contextsOf(node: PullRequestNode): ContextNode[] {
  return node.commits.nodes[0]?.commit.statusCheckRollup?.contexts.nodes ?? [];
}

/** What people wrote, all threads included. One that GitHub did not answer for is missing. */
export async function readManyDetails(
  desk: Desk,
  numbers: readonly number[],
  options: CallOptions,
): Promise<Map<number, DetailsNode>> {
  const batches = { size: DETAILS_AT_ONCE, query: detailsQuery, what: "read the reviews" };
  const found = await inBatches<DetailsNode>(desk, numbers, { ...batches, ...options });
  for (const [number, first] of found) await addThreads(desk, { number, first }, options);
  return found;
}

/** The same of one. Throws if GitHub can't tell. */
export async function readDetails(desk: Desk, number: number, options: CallOptions): Promise<DetailsNode> {
  const found = (await readManyDetails(desk, [number], options)).get(number);
  if (found !== undefined) return found;
  throw new AoError("NOT_FOUND", `${nameOf(desk)} has no pull request ${number}`);
}

async function addThreads(
  desk: Desk,
  { number, first }: { number: number; first: DetailsNode },
  options: CallOptions,
): Promise<void> {
  let page = first.reviewThreads.pageInfo;
  for (let pages = 1; page.hasNextPage && pages < MAX_PAGES; pages++) {
    const answer = await desk.github.graphql<{ repository: { pullRequest: DetailsNode } }>(
      MORE_DETAILS,
      { ...variables(desk), number, after: page.endCursor },
      { what: `read the reviews of pull request ${number}`, ...options },
    );
    const next = answer.repository.pullRequest;
    first.reviewThreads.nodes.push(...next.reviewThreads.nodes);
    page = next.reviewThreads.pageInfo;
  }
}

export async function readBaseChecks(desk: Desk, oid: string, options: CallOptions): Promise<ContextNode[]> {
  const answer = await desk.github.graphql<{
    repository: { object: { statusCheckRollup: { contexts: { nodes: ContextNode[] } } | null } | null };
  }>(BASE_CHECKS, { ...variables(desk), oid }, { what: `read the checks of ${oid.slice(0, 7)}`, ...options });
  return answer.repository.object?.statusCheckRollup?.contexts.nodes ?? [];
}
