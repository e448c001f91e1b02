import { latestChecks, latestStatuses, rollup } from "../domain/checks.ts";
import type { CommitInfo } from "../git/bare.ts";
import { Refusal } from "../http/failure.ts";
import type { CheckRun, CommitStatus } from "../model/checks.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { commitsOf } from "../rest/pulls.ts";
import { accountOf, repoHtml } from "../views/repos.ts";
import { pullsOf } from "../world.ts";
import { accountOrNull } from "./accounts.ts";
import { checkNode, statusNode, suiteNode } from "./checks.ts";
import { pullNode } from "./pull.ts";
import { repoNode } from "./repo.ts";
import { connection, type PageArgs, pathOf, type Scope } from "./scope.ts";

export async function gitObjectNode(scope: Scope, repo: Repo, sha: string): Promise<Record<string, unknown>> {
  const type = (await repo.git.run(["cat-file", "-t", sha])).trim();
  if (type === "commit") return commitNode(scope, repo, await repo.git.commit(sha));
  if (type === "blob") {
    const text = await repo.git.run(["cat-file", "blob", sha]);
    return {
      __typename: "Blob",
      id: `B_${sha}`,
      oid: sha,
      abbreviatedOid: sha.slice(0, 7),
      text,
      byteSize: Buffer.byteLength(text),
      isBinary: false,
      isTruncated: false,
      repository: () => repoNode(scope, repo),
    };
  }
  const rows = (await repo.git.run(["ls-tree", "-z", sha])).split("\0").filter(Boolean);
  const entries = rows.map((row) => {
    const [head = "", name = ""] = row.split("\t");
    const [mode, kind, oid = ""] = head.split(" ");
    return {
      name,
      path: name,
      type: kind,
      mode: Number.parseInt(mode ?? "0", 8),
      oid,
      object: () => gitObjectNode(scope, repo, oid),
    };
  });
  return {
    __typename: "Tree",
    id: `T_${sha}`,
    oid: sha,
    abbreviatedOid: sha.slice(0, 7),
    entries,
    repository: () => repoNode(scope, repo),
  };
}

/** The files among these that are on the default branch, as templates. */
export async function treeEntryNodes(repo: Repo, paths: string[]): Promise<{ filename: string; body: string }[]> {
  const found: { filename: string; body: string }[] = [];
  for (const path of paths) {
    const sha = await repo.git.resolve(`refs/heads/${repo.defaultBranch}:${path}`);
    if (sha !== null) found.push({ filename: path, body: await repo.git.run(["cat-file", "blob", sha]) });
  }
  return found;
}

function gitActor(scope: Scope, who: CommitInfo["author"]): Record<string, unknown> {
  return {
    name: who.name,
    email: who.email,
    date: who.date,
    avatarUrl: `${scope.urls.html}/avatars/u/0`,
    user: () => accountOrNull(scope, accountOf(scope.world, who)),
  };
}

export function commitNode(scope: Scope, repo: Repo, commit: CommitInfo): Record<string, unknown> {
  const { sha, message } = commit;
  const url = `${repoHtml(scope.urls, repo)}/commit/${sha}`;
  const [headline = "", ...rest] = message.split("\n");
  const suites = () => repo.checkSuites.filter((suite) => suite.sha === sha);
  const files = async () => (commit.parents[0] === undefined ? [] : repo.git.files(commit.parents[0], sha));
  return {
    __typename: "Commit",
    id: `C_${repo.id}_${sha}`,
    oid: sha,
    abbreviatedOid: sha.slice(0, 7),
    message,
    messageHeadline: headline,
    messageBody: rest.join("\n").trim(),
    url,
    commitUrl: url,
    resourcePath: pathOf(url),
    author: gitActor(scope, commit.author),
    committer: gitActor(scope, commit.committer),
    authors: connection([commit.author], (who) => gitActor(scope, who)),
    authoredDate: commit.author.date,
    committedDate: commit.committer.date,
    pushedDate: null,
    committedViaWeb: false,
    authoredByCommitter: true,
    signature: null,
    additions: async () => (await files()).reduce((sum, file) => sum + file.additions, 0),
    deletions: async () => (await files()).reduce((sum, file) => sum + file.deletions, 0),
    changedFilesIfAvailable: async () => (await files()).length,
    parents: async (args: PageArgs) =>
      connection(await Promise.all(commit.parents.map((parent) => repo.git.commit(parent))), (one) =>
        commitNode(scope, repo, one),
      )(args),
    history: async (args: PageArgs) => connection(await repo.git.log(sha), (one) => commitNode(scope, repo, one))(args),
    repository: () => repoNode(scope, repo),
    tree: () => gitObjectNode(scope, repo, commit.tree),
    associatedPullRequests: async (args: PageArgs) => {
      const found: PullRequest[] = [];
      for (const pr of pullsOf(repo)) {
        const commits = await commitsOf(pr);
        if (pr.pull.mergeSha === sha || commits.some((one) => one.sha === sha)) found.push(pr);
      }
      return connection(found, (pr) => pullNode(scope, pr))(args);
    },
    checkSuites: (args: PageArgs & { filterBy?: { appId?: number | null } | null }) =>
      connection(
        suites().filter(({ app }) => args.filterBy?.appId == null || app.id === args.filterBy.appId),
        (suite) => noChecks(scope) ?? suiteNode(scope, suite),
      )(args),
    status: () => combinedStatus(scope, repo, sha),
    statusCheckRollup: () => rollupNode(scope, repo, sha),
  };
}

/** In place of what a token without the permission `checks` may not read. */
function noChecks({ viewer: { token } }: Scope): Refusal | null {
  if (token === null || token.kind === "classic" || token.permissions.checks !== undefined) return null;
  const whom = token.kind === "installation" ? "integration" : "personal access token";
  return new Refusal(403, `Resource not accessible by ${whom}`);
}

const STATES = { passing: "SUCCESS", failing: "FAILURE", pending: "PENDING", missing: "EXPECTED" };

function combinedStatus(scope: Scope, repo: Repo, sha: string): Record<string, unknown> | null {
  const statuses = latestStatuses(repo, sha);
  if (statuses.length === 0) return null;
  const find = ({ name }: { name: string }) => {
    const found = statuses.find(({ context }) => context === name);
    return found === undefined ? null : statusNode(scope, repo, found);
  };
  return {
    __typename: "Status",
    id: `STATUS_${sha}`,
    state: STATES[rollup({ ...repo, checkRuns: [] }, sha)],
    contexts: statuses.map((one) => statusNode(scope, repo, one)),
    context: find,
  };
}

type Context = { check: CheckRun } | { status: CommitStatus };

/** `null` for a commit without any check or status. */
export function rollupNode(scope: Scope, repo: Repo, sha: string): Record<string, unknown> | null {
  const checks = latestChecks(repo, sha);
  const statuses = latestStatuses(repo, sha);
  if (checks.length + statuses.length === 0) return null;
  const contexts: Context[] = [...checks.map((check) => ({ check })), ...statuses.map((status) => ({ status }))];
  const count = (states: string[]) =>
    [...new Set(states)].map((state) => ({ state, count: states.filter((one) => one === state).length }));
  return {
    __typename: "StatusCheckRollup",
    id: `SCR_${repo.id}_${sha}`,
    state: STATES[rollup(repo, sha)],
    commit: async () => commitNode(scope, repo, await repo.git.commit(sha)),
    contexts: (args: PageArgs) => ({
      ...connection(contexts, (one) =>
        "check" in one ? (noChecks(scope) ?? checkNode(scope, one.check)) : statusNode(scope, repo, one.status),
      )(args),
      checkRunCount: checks.length,
      checkRunCountsByState: count(checks.map(({ status, conclusion }) => (conclusion ?? status).toUpperCase())),
      statusContextCount: statuses.length,
      statusContextCountsByState: count(statuses.map(({ state }) => state.toUpperCase())),
    }),
  };
}
