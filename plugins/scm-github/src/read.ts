import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { CommitNode, ContextNode, DetailsNode, PullRequestNode } from "./answers.ts";
import type { Desk } from "./desk.ts";
import { aliasOf, BASE_CHECKS, DETAILS, moreChecksQuery, RECENT_CHECKS, stateQuery } from "./queries.ts";

/** More in one query makes GitHub time out on repositories with many checks. */
const BATCH = 25;
/** 10 pages of a hundred. */
const MAX_PAGES = 10;

const variables = ({ repo }: Desk) => ({ owner: repo.owner, name: repo.name });
const nameOf = ({ repo }: Desk): string => `${repo.owner}/${repo.name}`;

/** The state of many pull requests, all checks included. One that GitHub did not answer for is missing. */
export async function readStates(
  desk: Desk,
  numbers: readonly number[],
  options: CallOptions,
): Promise<Map<number, PullRequestNode>> {
  const found = new Map<number, PullRequestNode>();
  for (let start = 0; start < numbers.length; start += BATCH) {
    const batch = numbers.slice(start, start + BATCH);
    const what = `read ${batch.length === 1 ? `pull request ${batch[0]}` : `${batch.length} pull requests`} of ${nameOf(desk)}`;
    const answer = await desk.github.graphql<{ repository: Record<string, PullRequestNode | null> | null }>(
      stateQuery(batch),
      variables(desk),
      { what, allowPartial: true, ...options },
    );
    for (const number of batch) {
      const node = answer.repository?.[aliasOf(number)];
      if (node) found.set(number, await withAllChecks(desk, node, options));
    }
  }
  return found;
}

/** The checks beyond the first page: one of them may be the one that fails. */
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
    const next = answer.repository.pullRequest.commits.nodes[0]?.commit.statusCheckRollup?.contexts;
    if (next === undefined) break;
    nodes.push(...next.nodes);
    page = next.pageInfo;
  }
  const statusCheckRollup = { contexts: { nodes, pageInfo: page } };
  return { ...node, commits: { nodes: [{ commit: { ...commit, statusCheckRollup } }] } };
}

export function contextsOf(node: PullRequestNode): ContextNode[] {
  return node.commits.nodes[0]?.commit.statusCheckRollup?.contexts.nodes ?? [];
}

/** What people wrote, all threads included. */
export async function readDetails(desk: Desk, number: number, options: CallOptions): Promise<DetailsNode> {
  const ask = async (after: string | null): Promise<DetailsNode> => {
    const answer = await desk.github.graphql<{ repository: { pullRequest: DetailsNode } }>(
      DETAILS,
      { ...variables(desk), number, after },
      { what: `read the reviews of pull request ${number}`, ...options },
    );
    return answer.repository.pullRequest;
  };
  const first = await ask(null);
  let page = first.reviewThreads.pageInfo;
  for (let pages = 1; page.hasNextPage && pages < MAX_PAGES; pages++) {
    const next = await ask(page.endCursor);
    first.reviewThreads.nodes.push(...next.reviewThreads.nodes);
    page = next.reviewThreads.pageInfo;
  }
  return first;
}

export async function readBaseChecks(desk: Desk, oid: string, options: CallOptions): Promise<ContextNode[]> {
  const answer = await desk.github.graphql<{
    repository: { object: { statusCheckRollup: { contexts: { nodes: ContextNode[] } } | null } | null };
  }>(BASE_CHECKS, { ...variables(desk), oid }, { what: `read the checks of ${oid.slice(0, 7)}`, ...options });
  return answer.repository.object?.statusCheckRollup?.contexts.nodes ?? [];
}

/** Whether none of the default branch's recent commits had any check. */
export async function readIsCiAbsent(desk: Desk, options: CallOptions): Promise<boolean> {
  const answer = await desk.github.graphql<{
    repository: {
      defaultBranchRef: { target: { history?: { nodes: { statusCheckRollup: object | null }[] } } } | null;
    };
  }>(RECENT_CHECKS, variables(desk), { what: `read the recent commits of ${nameOf(desk)}`, ...options });
  const commits = answer.repository.defaultBranchRef?.target.history?.nodes ?? [];
  return commits.length > 0 && commits.every(({ statusCheckRollup }) => statusCheckRollup === null);
}
