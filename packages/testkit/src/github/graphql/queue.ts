import { demandsOn } from "../domain/rules.ts";
import type { QueueEntry } from "../model/pull.ts";
import type { Repo } from "../model/repo.ts";
import { repoHtml } from "../views/repos.ts";
import { accountNode } from "./accounts.ts";
import { commitNode } from "./commit.ts";
import { pullNode } from "./pull.ts";
import { repoNode } from "./repo.ts";
import { connection, pathOf, type Scope } from "./scope.ts";

export function queueNode(scope: Scope, repo: Repo, branch: string): Record<string, unknown> | null {
  const method = demandsOn(repo, branch).mergeQueue;
  if (method === null) return null;
  const url = `${repoHtml(scope.urls, repo)}/queue/${branch}`;
  return {
    __typename: "MergeQueue",
    id: `MQ_${repo.id}_${branch}`,
    url,
    resourcePath: pathOf(url),
    repository: () => repoNode(scope, repo),
    nextEntryEstimatedTimeToMerge: null,
    configuration: {
      checkResponseTimeout: 60,
      maximumEntriesToBuild: 5,
      maximumEntriesToMerge: 5,
      mergeMethod: method.toUpperCase(),
      mergingStrategy: "ALLGREEN",
      minimumEntriesToMerge: 1,
      minimumEntriesToMergeWaitTime: 5,
    },
    entries: connection(
      repo.queue.filter(({ base }) => base === branch),
      (entry) => entryNode(scope, entry),
    ),
  };
}

export function entryNode(scope: Scope, entry: QueueEntry): Record<string, unknown> {
  const { repo, pull } = entry.pr;
  const commitOf = async (sha: string | null) =>
    sha === null ? null : commitNode(scope, repo, await repo.git.commit(sha));
  return {
    __typename: "MergeQueueEntry",
    id: entry.nodeId,
    state: entry.state,
    position: repo.queue.filter(({ base }) => base === entry.base).indexOf(entry) + 1,
    enqueuedAt: entry.enqueuedAt,
    enqueuer: () => accountNode(scope, entry.enqueuer),
    estimatedTimeToMerge: null,
    jump: false,
    solo: false,
    baseCommit: () => commitOf(pull.baseSha),
    headCommit: () => commitOf(entry.headSha),
    pullRequest: () => pullNode(scope, entry.pr),
    mergeQueue: () => queueNode(scope, repo, entry.base),
  };
}
