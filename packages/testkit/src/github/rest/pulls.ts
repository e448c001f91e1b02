import { hasWrite } from "../domain/access.ts";
import { editIssue } from "../domain/issues.ts";
import { mergePull } from "../domain/merge.ts";
import { mergeability, openPull, requestReviewers, retarget, setPullState, updateBranch } from "../domain/pulls.ts";
import type { CommitInfo, FileChange } from "../git/bare.ts";
import {
  accepted,
  actorOf,
  appOf,
  type Call,
  created,
  NO_CONTENT,
  ok,
  page,
  plain,
  pullOf,
  required,
  strings,
  text,
} from "../http/call.ts";
import { invalid, notFound, Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { PullRequest } from "../model/issue.ts";
import type { MergeMethod } from "../model/pull.ts";
import { userView } from "../views/accounts.ts";
import { fullPullView, type Measured, pullView } from "../views/pulls.ts";
import { commitView, fileView } from "../views/repos.ts";
import { pullsOf, type World } from "../world.ts";

/** Where the head left the base. */
async function forkPoint({ repo, pull }: PullRequest): Promise<string> {
  const base =
    pull.mergeSha === null ? pull.baseSha : ((await repo.git.commit(pull.mergeSha)).parents[0] ?? pull.baseSha);
  return (await repo.git.mergeBase(base, pull.headSha)) ?? base;
}

/** The commits of a pull request, oldest first. A merged one keeps those of its merge. */
export async function commitsOf(pr: PullRequest): Promise<CommitInfo[]> {
  return (await pr.repo.git.log(`${await forkPoint(pr)}..${pr.pull.headSha}`)).reverse();
}

/** What a pull request changes. */
export async function filesOf(pr: PullRequest): Promise<FileChange[]> {
  return pr.repo.git.files(await forkPoint(pr), pr.pull.headSha);
}

/** A pull request as a diff, or as mails. */
async function textOf(pr: PullRequest, media: string): Promise<string> {
  const { pull, repo } = pr;
  const from = await forkPoint(pr);
  return repo.git.run(
    media === "diff" ? ["diff", from, pull.headSha] : ["format-patch", "--stdout", `${from}..${pull.headSha}`],
  );
}

export async function measure(world: World, pr: PullRequest): Promise<Measured> {
  const [commits, files] = [await commitsOf(pr), await filesOf(pr)];
  const sum = (key: "additions" | "deletions") => files.reduce((total, file) => total + file[key], 0);
  return {
    mergeable: await mergeability(world, pr),
    commits: commits.length,
    additions: sum("additions"),
    deletions: sum("deletions"),
    files: files.length,
  };
}

const shown = async (call: Call, pr: PullRequest) => fullPullView(call.urls, pr, await measure(call.world, pr));

function listPulls(call: Call) {
  const { query, repo } = call;
  const [state, head, base] = [query.get("state") ?? "open", query.get("head"), query.get("base")];
  const found = pullsOf(repo).filter((pr) => {
    if (state !== "all" && pr.state !== state) return false;
    if (base !== null && pr.pull.baseRef !== base) return false;
    // GitHub ignores a head without its owner.
    return head === null || !head.includes(":") || `${pr.pull.headRepo?.owner.login}:${pr.pull.headRef}` === head;
  });
  const key = query.get("sort") === "updated" ? "updatedAt" : "createdAt";
  const up = found.sort((a, b) => (a[key] === b[key] ? a.number - b.number : a[key] < b[key] ? -1 : 1));
  const isDown =
    query.get("direction") === "desc" ||
    (query.get("direction") === null && (query.get("sort") ?? "created") === "created");
  return page(call, isDown ? up.reverse() : up, (pr) => pullView(call.urls, pr));
}

async function createPull(call: Call) {
  const { world, repo, body } = call;
  const actor = actorOf(call);
  const fromIssue = body.issue === undefined ? null : repo.issues.get(Number(body.issue));
  if (fromIssue !== undefined && fromIssue !== null)
    throw new Refusal(422, "Turning an issue into a pull request is unknown here");
  const headRepo = text(call, "head_repo");
  const pr = await openPull(world, repo, {
    author: actor,
    title: required(call, "title", "PullRequest"),
    body: text(call, "body") ?? null,
    head: required(call, "head", "PullRequest"),
    headRepo: headRepo === undefined ? null : world.findRepo(repo.owner.login, headRepo),
    base: required(call, "base", "PullRequest"),
    draft: body.draft === true,
    ...(typeof body.maintainer_can_modify === "boolean" ? { maintainerCanModify: body.maintainer_can_modify } : {}),
  });
  return created(await shown(call, pr));
}

async function updatePull(call: Call) {
  const { world, body } = call;
  const pr = pullOf(call);
  const actor = actorOf(call);
  if (pr.author !== actor && appOf(call) === null && !hasWrite(actor, call.repo)) throw notFound();
  const [title, state, base] = [text(call, "title"), text(call, "state"), text(call, "base")];
  if (state !== undefined && state !== "open" && state !== "closed")
    throw invalid({ resource: "PullRequest", field: "state", code: "invalid", value: state });
  editIssue(world, pr, {
    actor,
    ...(title === undefined ? {} : { title }),
    ...("body" in body ? { body: text(call, "body") ?? null } : {}),
  });
  if (base !== undefined) await retarget(world, pr, { base, actor });
  if (state !== undefined && state !== pr.state) await setPullState(world, pr, { state, actor });
  return ok(await shown(call, pr));
}

async function merge(call: Call) {
  const pr = pullOf(call);
  const method = (text(call, "merge_method") ?? "merge") as MergeMethod;
  if (!["merge", "squash", "rebase"].includes(method))
    throw invalid({ resource: "PullRequest", field: "merge_method", code: "invalid", value: method });
  const sha = await mergePull(call.world, pr, {
    actor: actorOf(call),
    method,
    expectedHead: text(call, "sha"),
    title: text(call, "commit_title"),
    message: text(call, "commit_message"),
  });
  return ok({ sha, merged: true, message: "Pull Request successfully merged" });
}

function reviewersOf(call: Call) {
  return (strings(call, "reviewers") ?? []).map((login) => {
    const account = call.world.accounts.get(login.toLowerCase());
    if (account === undefined)
      throw new Refusal(
        422,
        "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.",
      );
    return account;
  });
}

const P = "/repos/{owner}/{repo}/pulls";
const ONE = `${P}/{pull_number}`;
const READ = "pull_requests:read";
const WRITE = "pull_requests:write";

export const pullRoutes: Route[] = [
  route(`GET ${P}`, READ, listPulls),
  route(`POST ${P}`, `${WRITE} by read`, createPull),
  route(`GET ${ONE}`, READ, async (call) => {
    const pr = pullOf(call);
    if (call.media === "json") return ok(await shown(call, pr));
    return plain(call, await textOf(pr, call.media));
  }),
  route(`PATCH ${ONE}`, `${WRITE} by read`, updatePull),
  route(`GET ${ONE}/commits`, `${READ}|contents:read`, async (call) => {
    const commits = await commitsOf(pullOf(call));
    return page(call, commits, (commit) => commitView(call.urls, call.repo, { commit, world: call.world }));
  }),
  route(`GET ${ONE}/files`, `${READ}|contents:read`, async (call) => {
    const pr = pullOf(call);
    const files = await filesOf(pr);
    return page(call, files, (file) => fileView(call.urls, call.repo, { file, sha: pr.pull.headSha }));
  }),
  route(`GET ${ONE}/merge`, "contents:read", (call) => {
    if (pullOf(call).pull.mergedAt === null) throw notFound();
    return NO_CONTENT;
  }),
  route(`PUT ${ONE}/merge`, "contents:write", merge),
  route(`PUT ${ONE}/update-branch`, WRITE, async (call) => {
    const pr = pullOf(call);
    await updateBranch(call.world, pr, { expected: text(call, "expected_head_sha"), actor: actorOf(call) });
    return accepted({ message: "Updating pull request branch.", url: `${call.urls.api}${call.path}` });
  }),
  route(`GET ${ONE}/requested_reviewers`, READ, (call) =>
    ok({ users: pullOf(call).pull.requestedReviewers.map((one) => userView(call.urls, one)), teams: [] }),
  ),
  route(`POST ${ONE}/requested_reviewers`, WRITE, (call) => {
    const pr = pullOf(call);
    requestReviewers(call.world, pr, { reviewers: reviewersOf(call), actor: actorOf(call) });
    return created(pullView(call.urls, pr));
  }),
  route(`DELETE ${ONE}/requested_reviewers`, WRITE, (call) => {
    const pr = pullOf(call);
    const gone = reviewersOf(call);
    pr.pull.requestedReviewers = pr.pull.requestedReviewers.filter((one) => !gone.includes(one));
    return ok(pullView(call.urls, pr));
  }),
  route("GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls", `${READ}|contents:read`, async (call) => {
    const sha = call.params.commit_sha ?? "";
    const found: PullRequest[] = [];
    for (const pr of pullsOf(call.repo)) {
      const commits = await commitsOf(pr);
      if (commits.some((commit) => commit.sha === sha) || pr.pull.mergeSha === sha) found.push(pr);
    }
    return page(call, found, (pr) => pullView(call.urls, pr));
  }),
];
