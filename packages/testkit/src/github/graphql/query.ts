import { Refusal } from "../http/failure.ts";
import type { Account } from "../model/accounts.ts";
import type { CheckRun, CheckSuite, CommitStatus, WorkflowRun } from "../model/checks.ts";
import type { Comment, Issue, PullRequest } from "../model/issue.ts";
import type { Review, ReviewComment, ReviewThread } from "../model/pull.ts";
import type { Repo } from "../model/repo.ts";
import { pullsOf } from "../world.ts";
import { accountNode } from "./accounts.ts";
import { checkNode, runNode, statusNode, suiteNode } from "./checks.ts";
import { issueCommentNode, issueNode } from "./issue.ts";
import { pullNode } from "./pull.ts";
import { repoNode } from "./repo.ts";
import { reviewCommentNode, reviewNode, threadNode } from "./review.ts";
import { actorOf, mustSee, type PageArgs, type Scope } from "./scope.ts";
import { search } from "./search.ts";

/** The pull request that has such a part. */
export function ownerOf(scope: Scope, has: (pr: PullRequest) => boolean): PullRequest {
  const found = scope.world.repos.flatMap(pullsOf).find(has);
  if (found === undefined) throw new Refusal(404, "Could not resolve to a node");
  return found;
}

const unresolved = (id: string) =>
  new Refusal(404, `Could not resolve to a node with the global id of '${id}'.`, { type: "NOT_FOUND" });

/** Any object by its node id. Throws NOT_FOUND for one that is unknown or not to be seen. */
function node(scope: Scope, id: string): Record<string, unknown> {
  const found = scope.world.nodes.get(id);
  if (found === undefined) throw unresolved(id);
  const { kind, object } = found;
  const seen = (repo: Repo, show: () => Record<string, unknown>) => {
    if (!mustSee(scope, repo)) throw unresolved(id);
    return show();
  };
  if (kind === "U" || kind === "O" || kind === "BOT") return accountNode(scope, object as Account);
  if (kind === "R") return seen(object as Repo, () => repoNode(scope, object as Repo));
  if (kind === "I" || kind === "PR") return seen((object as Issue).repo, () => issueNode(scope, object as Issue));
  if (kind === "IC") return seen((object as Comment).issue.repo, () => issueCommentNode(scope, object as Comment));
  if (kind === "CR") return seen((object as CheckRun).suite.repo, () => checkNode(scope, object as CheckRun));
  if (kind === "CS") return seen((object as CheckSuite).repo, () => suiteNode(scope, object as CheckSuite));
  if (kind === "WFR") return seen((object as WorkflowRun).repo, () => runNode(scope, object as WorkflowRun));
  if (kind === "PRR") {
    const pr = ownerOf(scope, ({ pull }) => pull.reviews.includes(object as Review));
    return seen(pr.repo, () => reviewNode(scope, pr, object as Review));
  }
  if (kind === "PRRT") {
    const pr = ownerOf(scope, ({ pull }) => pull.threads.includes(object as ReviewThread));
    return seen(pr.repo, () => threadNode(scope, pr, object as ReviewThread));
  }
  if (kind === "PRRC") {
    const pr = ownerOf(scope, ({ pull }) => pull.threads.includes((object as ReviewComment).thread));
    return seen(pr.repo, () => reviewCommentNode(scope, pr, object as ReviewComment));
  }
  if (kind === "SC") {
    const repo = scope.world.repos.find(({ statuses }) => statuses.includes(object as CommitStatus));
    if (repo !== undefined) return seen(repo, () => statusNode(scope, repo, object as CommitStatus));
  }
  throw unresolved(id);
}

interface RepositoryArgs {
  owner: string;
  name: string;
  followRenames?: boolean | null;
}

function repository(scope: Scope, { owner, name, followRenames }: RepositoryArgs) {
  const moved = followRenames === false ? undefined : scope.world.movedRepos.get(`${owner}/${name}`.toLowerCase());
  const repo = scope.world.findRepo(owner, name) ?? moved ?? null;
  if (repo === null || !mustSee(scope, repo)) {
    throw new Refusal(404, `Could not resolve to a Repository with the name '${owner}/${name}'.`, {
      type: "NOT_FOUND",
    });
  }
  return repoNode(scope, repo);
}

function accountNamed(scope: Scope, login: string, kind: "User" | "Organization" | "any") {
  const account = scope.world.accounts.get(login.toLowerCase());
  if (account === undefined || (kind !== "any" && account.type !== kind)) {
    const name = kind === "any" ? "RepositoryOwner" : kind;
    throw new Refusal(
      404,
      `Could not resolve to ${name === "User" ? "a" : "an"} ${name} with the login of '${login}'.`,
      { type: "NOT_FOUND" },
    );
  }
  return accountNode(scope, account);
}

/** Whatever a link on this GitHub leads to. */
function resource(scope: Scope, url: string) {
  const [, owner = "", name = "", kind, number] =
    /^https?:\/\/[^/]+\/([^/]+)\/([^/]+?)(?:\/(issues|pull)\/(\d+).*)?$/.exec(url) ?? [];
  const repo = scope.world.findRepo(owner, name);
  if (repo === null || !mustSee(scope, repo)) return null;
  if (kind === undefined) return repoNode(scope, repo);
  const issue = repo.issues.get(Number(number));
  return issue === undefined
    ? null
    : issue.pull === null
      ? issueNode(scope, issue)
      : pullNode(scope, issue as PullRequest);
}

export function queryRoot(scope: Scope): Record<string, unknown> {
  return {
    viewer: () => accountNode(scope, actorOf(scope)),
    rateLimit: () => {
      const { limit, used, resetAt } = scope.budget();
      return {
        limit,
        used,
        remaining: Math.max(0, limit - used),
        resetAt: scope.world.iso(resetAt),
        cost: scope.cost.points,
        nodeCount: scope.cost.nodes,
      };
    },
    repository: (args: RepositoryArgs) => repository(scope, args),
    repositoryOwner: ({ login }: { login: string }) => accountNamed(scope, login, "any"),
    user: ({ login }: { login: string }) => accountNamed(scope, login, "User"),
    organization: ({ login }: { login: string }) => accountNamed(scope, login, "Organization"),
    node: ({ id }: { id: string }) => node(scope, id),
    nodes: ({ ids }: { ids: string[] }) =>
      ids.map((id) => {
        try {
          return node(scope, id);
        } catch (error) {
          // One that is unknown is null, and an error beside the others.
          return error;
        }
      }),
    resource: ({ url }: { url: string }) => resource(scope, url),
    search: (args: PageArgs & { query: string }) => search(scope, args.query, args),
  };
}
