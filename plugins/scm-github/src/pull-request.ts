import type { PRInfo, PRState } from "@agent-orchestrator/core/model/pull-request";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { RepoName } from "@agent-orchestrator/plugin-kit/github/options";

/** What names a pull request, in GraphQL's words. */
export interface PullRequestName {
  number: number;
  url: string;
  title: string;
  isDraft: boolean;
  headRefName: string;
  baseRefName: string;
  isCrossRepository: boolean;
  /** Null if it was deleted. */
  headRepository?: { nameWithOwner: string } | null;
}

const MAX_TITLE = 300;
const DELETED = "a repository that was deleted";

export function toInfo(node: PullRequestName, repo: RepoName): PRInfo {
  return {
    number: node.number,
    url: node.url,
    title: oneLine(node.title, MAX_TITLE),
    owner: repo.owner,
    repo: repo.name,
    branch: node.headRefName,
    baseBranch: node.baseRefName,
    isDraft: node.isDraft,
    ...(node.isCrossRepository ? { fork: node.headRepository?.nameWithOwner ?? DELETED } : {}),
  };
}

export function toState({ state, isDraft }: { state: "OPEN" | "CLOSED" | "MERGED"; isDraft: boolean }): PRState {
  if (state === "MERGED") return "merged";
  if (state === "CLOSED") return "closed";
  return isDraft ? "draft" : "open";
}
