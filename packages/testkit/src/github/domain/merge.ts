import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitFailure, type Identity, identityEnv } from "../git/bare.ts";
import { Refusal } from "../http/failure.ts";
import type { Account } from "../model/accounts.ts";
import type { PullRequest } from "../model/issue.ts";
import type { MergeMethod } from "../model/pull.ts";
import { pullsOf, type World } from "../world.ts";
import { closeIssue, note } from "./issues.ts";
import { closedBy } from "./keywords.ts";
import { certainMergeability, retarget } from "./pulls.ts";
import { moveRef, refsMoved } from "./refs.ts";
import { demandsOn, isExempt, rulesetsOn, violations } from "./rules.ts";

export interface MergeWish {
  actor: Account;
  method: MergeMethod;
  /** The head that was judged. Another one is refused with 409. */
  expectedHead?: string | undefined;
  title?: string | undefined;
  message?: string | undefined;
}

const NAMES: Record<MergeMethod, string> = { merge: "Merge commits", squash: "Squash merges", rebase: "Rebase merges" };

const refuse = (message: string) => new Refusal(405, message, { type: "UNPROCESSABLE" });

/** Throws GitHub's refusal when it may not be merged. */
export async function checkMerge(world: World, pr: PullRequest, wish: MergeWish): Promise<void> {
  const { pull, repo } = pr;
  if (pr.state === "closed" || pull.mergedAt !== null) throw refuse("Pull Request is not mergeable");
  if (wish.expectedHead !== undefined && wish.expectedHead !== pull.headSha) {
    throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
  }
  if (pull.isDraft) throw refuse("Pull Request is still a draft");
  if (!repo.settings.allowedMethods.has(wish.method))
    throw refuse(`${NAMES[wish.method]} are not allowed on this repository.`);
  const demands = demandsOn(repo, pull.baseRef);
  if (wish.method === "merge" && demands.requiresLinearHistory)
    throw refuse("Merge commits are not allowed on this repository.");
  if (demands.mergeQueue !== null)
    throw refuse("Repository rule violations found\n\nChanges must be made through the merge queue\n\n");
  const found = isExempt(wish.actor, pr) ? [] : violations(pr);
  if (found.length > 0) {
    const isRuleset = rulesetsOn(repo, pull.baseRef).length > 0;
    throw refuse(isRuleset ? `Repository rule violations found\n\n${found.join("\n")}\n\n` : found.join(" "));
  }
  if ((await certainMergeability(world, pr)) === "CONFLICTING") throw refuse("Pull Request is not mergeable");
}

export async function mergePull(world: World, pr: PullRequest, wish: MergeWish): Promise<string> {
  await checkMerge(world, pr, wish);
  const { pull } = pr;
  const [base, head] = [pull.baseSha, pull.headSha];
  const sha = await mergedCommit(world, pr, wish);
  if (pull.headSha !== head) throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
  try {
    await finishMerge(world, pr, { sha, base, actor: wish.actor });
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    throw refuse("Base branch was modified. Review and try the merge again.");
  }
  return sha;
}

/** Moves the base to the merge, and closes what that closes. */
export async function finishMerge(
  world: World,
  pr: PullRequest,
  { sha, base, actor }: { sha: string; base: string; actor: Account },
): Promise<void> {
  const { pull, repo } = pr;
  await repo.git.updateRef({ ref: `refs/heads/${pull.baseRef}`, before: base, after: sha });
  Object.assign(pull, { mergedAt: world.iso(), mergedBy: actor, mergeSha: sha, autoMerge: null });
  note(world, pr, { event: "merged", actor, details: { commit_id: sha } });
  closeIssue(world, pr, { actor });
  await refsMoved(world, repo, { changes: [{ ref: `refs/heads/${pull.baseRef}`, before: base, after: sha }], actor });
  if (pull.baseRef === repo.defaultBranch) {
    for (const issue of closedBy(world, repo, `${pr.title}\n${pr.body ?? ""}`))
      closeIssue(world, issue, { actor, by: { commitSha: sha } });
  }
  if (repo.settings.deleteBranchOnMerge && pull.headRepo === repo) await deleteHead(world, pr, actor);
}

/** Deletes the head's branch. Pull requests that were based on it follow to its base. */
export async function deleteHead(world: World, pr: PullRequest, actor: Account): Promise<void> {
  const { headRepo, headRef } = pr.pull;
  const before = headRepo === null ? null : await headRepo.git.resolve(`refs/heads/${headRef}`);
  if (headRepo === null || before === null) return;
  for (const stacked of pullsOf(headRepo)) {
    if (stacked.state !== "open" || stacked.pull.baseRef !== headRef) continue;
    await retarget(world, stacked, { base: pr.pull.baseRef, actor });
  }
  await moveRef(world, headRepo, { change: { ref: `refs/heads/${headRef}`, before, after: null }, actor });
}

async function mergedCommit(world: World, pr: PullRequest, wish: MergeWish): Promise<string> {
  const { pull, repo } = pr;
  const { actor } = wish;
  const by = {
    name: actor.name ?? actor.login,
    email: actor.email ?? `${actor.login}@users.noreply.github.com`,
    at: world.now(),
  };
  if (wish.method === "rebase") return rebased(pr, by);
  const merged = await repo.git.mergeTree(pull.baseSha, pull.headSha);
  if (!("tree" in merged)) throw refuse("Pull Request is not mergeable");
  const owner = pull.headRepo?.owner.login ?? "unknown";
  const title =
    wish.title ??
    (wish.method === "squash"
      ? `${pr.title} (#${pr.number})`
      : `Merge pull request #${pr.number} from ${owner}/${pull.headRef}`);
  const body = wish.message ?? (wish.method === "squash" ? (pr.body ?? "") : pr.title);
  const parents = wish.method === "squash" ? [pull.baseSha] : [pull.baseSha, pull.headSha];
  return repo.git.commitTree(merged.tree, parents, { message: body === "" ? title : `${title}\n\n${body}`, by });
}

/** Replays the head's commits on the base, in a checkout that is thrown away. */
async function rebased({ pull, repo }: PullRequest, by: Identity): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ao-github-rebase-"));
  const checkout = join(folder, "checkout");
  const { GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL, GIT_COMMITTER_DATE } = identityEnv(by) as Record<string, string>;
  const env = { GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL, GIT_COMMITTER_DATE } as Record<string, string>;
  try {
    await repo.git.run(["worktree", "add", "-q", "--detach", checkout, pull.headSha]);
    await repo.git.run(["rebase", "-q", "--force-rebase", pull.baseSha], { cwd: checkout, env });
    return (await repo.git.run(["rev-parse", "HEAD"], { cwd: checkout })).trim();
  } catch (error) {
    if (error instanceof GitFailure) throw refuse("This branch can't be rebased");
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await repo.git.run(["worktree", "prune"]);
  }
}
