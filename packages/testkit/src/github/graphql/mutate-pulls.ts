import { checkMerge, mergePull } from "../domain/merge.ts";
import { openPull, requestReviewers, retarget, setDraft, setPullState, updateBranch } from "../domain/pulls.ts";
import { dequeue, enqueue } from "../domain/queue.ts";
import { moveRef } from "../domain/refs.ts";
import { violations } from "../domain/rules.ts";
import { Refusal } from "../http/failure.ts";
import type { MergeMethod } from "../model/pull.ts";
import type { Repo } from "../model/repo.ts";
import { pullsOf } from "../world.ts";
import { accountNode } from "./accounts.ts";
import { changeIssue } from "./mutate-issues.ts";
import type { Input } from "./mutations.ts";
import { pullNode } from "./pull.ts";
import { entryNode } from "./queue.ts";
import { refNode } from "./repo.ts";
import type { Scope } from "./scope.ts";
import { accountsFor, pullFor, repoFor, string } from "./subjects.ts";

type Args = { input: Input };

const methodOf = (input: Input): MergeMethod => String(input.mergeMethod ?? "MERGE").toLowerCase() as MergeMethod;

/** REST's 405 and 409 are plain errors here. */
function wishOf(input: Input) {
  return {
    method: methodOf(input),
    expectedHead: string(input.expectedHeadOid),
    title: string(input.commitHeadline),
    message: string(input.commitBody),
  };
}

async function setState(scope: Scope, id: unknown, state: "open" | "closed") {
  const { pr, actor } = pullFor(scope, id, { role: "read" });
  await setPullState(scope.world, pr, { state, actor });
  return { pullRequest: pullNode(scope, pr) };
}

function draft(scope: Scope, id: unknown, isDraft: boolean) {
  const { pr, actor } = pullFor(scope, id, { role: "read" });
  setDraft(scope.world, pr, { isDraft, actor });
  return { pullRequest: pullNode(scope, pr) };
}

export const pullMutations = {
  async createPullRequest({ input }: Args, scope: Scope) {
    const { repo, actor } = repoFor(scope, input.repositoryId, { permission: "pull_requests", role: "read" });
    const headRepo =
      input.headRepositoryId == null ? null : scope.world.node<Repo>("R", String(input.headRepositoryId));
    const pr = await openPull(scope.world, repo, {
      author: actor,
      title: String(input.title),
      body: string(input.body) ?? null,
      head: String(input.headRefName),
      headRepo,
      base: String(input.baseRefName),
      draft: input.draft === true,
    });
    return { pullRequest: pullNode(scope, pr) };
  },
  async updatePullRequest({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.pullRequestId, { role: "read" });
    changeIssue(scope, input, { issue: pr, actor });
    const base = string(input.baseRefName);
    if (base !== undefined) await retarget(scope.world, pr, { base, actor });
    if (input.state === "CLOSED") await setPullState(scope.world, pr, { state: "closed", actor });
    if (input.state === "OPEN" && pr.state === "closed") await setPullState(scope.world, pr, { state: "open", actor });
    return { pullRequest: pullNode(scope, pr), actor: accountNode(scope, actor) };
  },
  closePullRequest: ({ input }: Args, scope: Scope) => setState(scope, input.pullRequestId, "closed"),
  reopenPullRequest: ({ input }: Args, scope: Scope) => setState(scope, input.pullRequestId, "open"),
  markPullRequestReadyForReview: ({ input }: Args, scope: Scope) => draft(scope, input.pullRequestId, false),
  convertPullRequestToDraft: ({ input }: Args, scope: Scope) => draft(scope, input.pullRequestId, true),
  async mergePullRequest({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.pullRequestId, { permission: "contents" });
    await mergePull(scope.world, pr, { actor, ...wishOf(input) });
    return { pullRequest: pullNode(scope, pr), actor: accountNode(scope, actor) };
  },
  async enablePullRequestAutoMerge({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.pullRequestId, { permission: "contents" });
    if (!pr.repo.settings.allowAutoMerge) throw new Refusal(422, "Auto merge is not allowed for this repository");
    if (pr.state === "closed") throw new Refusal(422, "Can't enable auto-merge for this pull request.");
    if (pr.pull.isDraft) throw new Refusal(422, "Pull request is in draft state");
    if (violations(pr).length === 0) {
      await checkMerge(scope.world, pr, { actor, ...wishOf(input) });
      throw new Refusal(422, "Pull request is in clean status");
    }
    const { method, title = null, message = null } = wishOf(input);
    pr.pull.autoMerge = { enabledBy: actor, method, title, message, enabledAt: scope.world.iso() };
    scope.world.emit({
      repo: pr.repo,
      event: "pull_request",
      action: "auto_merge_enabled",
      actor,
      subject: { pull_request: pr },
    });
    return { pullRequest: pullNode(scope, pr), actor: accountNode(scope, actor) };
  },
  disablePullRequestAutoMerge({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.pullRequestId, { permission: "contents" });
    if (pr.pull.autoMerge === null) throw new Refusal(422, "Can't disable auto-merge for this pull request.");
    pr.pull.autoMerge = null;
    return { pullRequest: pullNode(scope, pr), actor: accountNode(scope, actor) };
  },
  enqueuePullRequest({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.pullRequestId, { permission: "contents" });
    const entry = enqueue(scope.world, pr, { actor, expectedHead: string(input.expectedHeadOid) });
    return { mergeQueueEntry: entryNode(scope, entry) };
  },
  async dequeuePullRequest({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.id, { permission: "contents" });
    const entry = pr.repo.queue.find((one) => one.pr === pr);
    if (entry === undefined) throw new Refusal(422, "Pull request is not in the queue");
    const shown = entryNode(scope, entry);
    await dequeue(scope.world, entry, { actor, reason: "MANUAL" });
    return { mergeQueueEntry: shown };
  },
  async updatePullRequestBranch({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.pullRequestId);
    await updateBranch(scope.world, pr, { expected: string(input.expectedHeadOid), actor });
    return { pullRequest: pullNode(scope, pr) };
  },
  requestReviews({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.pullRequestId);
    if (input.union !== true) pr.pull.requestedReviewers = [];
    requestReviewers(scope.world, pr, { reviewers: accountsFor(scope, input.userIds), actor });
    return { pullRequest: pullNode(scope, pr), actor: accountNode(scope, actor), requestedReviewersEdge: null };
  },
  async createRef({ input }: Args, scope: Scope) {
    const { repo, actor } = repoFor(scope, input.repositoryId);
    const ref = String(input.name);
    if ((await repo.git.resolve(ref)) !== null)
      throw new Refusal(422, `A ref named "${ref}" already exists in the repository.`);
    await moveRef(scope.world, repo, { change: { ref, before: null, after: String(input.oid) }, actor });
    return { ref: await refNode(scope, repo, ref) };
  },
  async deleteRef({ input }: Args, scope: Scope) {
    const [id, ...name] = Buffer.from(String(input.refId).replace(/^REF_/, ""), "base64url")
      .toString("utf8")
      .split(":");
    const found = scope.world.repos.find((one) => one.id === Number(id));
    const { repo, actor } = repoFor(scope, found?.nodeId);
    const ref = name.join(":");
    const before = await repo.git.resolve(ref);
    if (before === null)
      throw new Refusal(404, `Could not resolve to a node with the global id of '${String(input.refId)}'.`);
    if (
      pullsOf(repo).some(
        ({ pull, state }) =>
          state === "open" && `refs/heads/${pull.baseRef}` === ref && ref === `refs/heads/${repo.defaultBranch}`,
      )
    ) {
      throw new Refusal(422, "Cannot delete the default branch");
    }
    await moveRef(scope.world, repo, { change: { ref, before, after: null }, actor });
    return {};
  },
};
