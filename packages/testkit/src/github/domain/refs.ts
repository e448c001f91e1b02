import { randomUUID } from "node:crypto";
import type { RefChange } from "../git/bare.ts";
import type { Account } from "../model/accounts.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { pullsOf, type World } from "../world.ts";
import { announce, closeIssue, note } from "./issues.ts";
import { closeByKeywords } from "./keywords.ts";
import { demandsOn } from "./rules.ts";

const HEADS = "refs/heads/";

export const branchOf = (ref: string): string | null => (ref.startsWith(HEADS) ? ref.slice(HEADS.length) : null);

/** Moves a ref, and lets everything that depends on it follow. */
export async function moveRef(
  world: World,
  repo: Repo,
  { change, actor }: { change: RefChange; actor: Account },
): Promise<void> {
  await repo.git.updateRef(change);
  await refsMoved(world, repo, { changes: [change], actor });
}

/** Follows up on refs that were moved: pull requests, issues that commits close, webhooks. */
export async function refsMoved(
  world: World,
  repo: Repo,
  { changes, actor }: { changes: RefChange[]; actor: Account },
): Promise<void> {
  repo.pushedAt = world.iso();
  for (const change of changes) {
    const branch = branchOf(change.ref);
    tellRef(world, repo, { change, actor });
    if (branch === null) continue;
    await tellPush(world, repo, { change, actor });
    for (const pr of everyPull(world)) {
      if (pr.state !== "open") continue;
      if (pr.pull.headRepo === repo && pr.pull.headRef === branch)
        await headMoved(world, pr, { after: change.after, actor });
      else if (pr.repo === repo && pr.pull.baseRef === branch)
        await baseMoved(world, pr, { after: change.after, actor });
    }
    if (branch === repo.defaultBranch && change.after !== null && change.before !== null) {
      const commits = await repo.git.log(`${change.before}..${change.after}`);
      for (const { sha, message } of commits) closeByKeywords(world, repo, { text: message, actor, commitSha: sha });
    }
  }
}

const everyPull = (world: World): PullRequest[] => world.repos.flatMap(pullsOf);

/** Forgets what was computed about merging, as GitHub does when either side moves. */
export function forgetMergeability({ pull }: PullRequest): void {
  Object.assign(pull, { mergeable: "UNKNOWN", computing: null, testMergeSha: null, isBehind: false });
}

/** Makes the head's commits readable in the base's repository, below `refs/pull`. */
export async function publishHead(pr: PullRequest): Promise<void> {
  const { headRepo, headSha } = pr.pull;
  if (headRepo !== null && headRepo !== pr.repo) {
    await pr.repo.git.run(["fetch", "-q", "--no-tags", headRepo.git.dir, `+${headSha}:refs/pull/${pr.number}/head`]);
  } else await pr.repo.git.run(["update-ref", `refs/pull/${pr.number}/head`, headSha]);
}

async function headMoved(
  world: World,
  pr: PullRequest,
  { after, actor }: { after: string | null; actor: Account },
): Promise<void> {
  if (after === null) {
    note(world, pr, { event: "head_ref_deleted", actor });
    return closeIssue(world, pr, { actor });
  }
  const before = pr.pull.headSha;
  pr.pull.headSha = after;
  forgetMergeability(pr);
  await publishHead(pr);
  const touched = await pr.repo.git.files(before, after).catch(() => []);
  for (const thread of pr.pull.threads) {
    if (touched.some(({ path, previousPath }) => path === thread.path || previousPath === thread.path))
      thread.isOutdated = true;
  }
  if (demandsOn(pr.repo, pr.pull.baseRef).dismissesStale) {
    for (const review of pr.pull.reviews) if (review.state === "APPROVED") review.state = "DISMISSED";
  }
  if (!(await pr.repo.git.isAncestor(before, after))) {
    note(world, pr, { event: "head_ref_force_pushed", actor, details: { before } });
  }
  pr.updatedAt = world.iso();
  announce(world, pr, { action: "synchronize", actor, more: { before, after } });
}

async function baseMoved(
  world: World,
  pr: PullRequest,
  { after, actor }: { after: string | null; actor: Account },
): Promise<void> {
  if (after === null) return closeIssue(world, pr, { actor });
  pr.pull.baseSha = after;
  forgetMergeability(pr);
  // Whoever pushed the head's commits to the base has merged the pull request.
  if (!(await pr.repo.git.isAncestor(pr.pull.headSha, after))) return;
  Object.assign(pr.pull, { mergedAt: world.iso(), mergedBy: actor, mergeSha: after });
  note(world, pr, { event: "merged", actor, details: { commit_id: after } });
  closeIssue(world, pr, { actor });
}

function tellRef(world: World, repo: Repo, { change, actor }: { change: RefChange; actor: Account }): void {
  const event = change.before === null ? "create" : change.after === null ? "delete" : null;
  const refType = change.ref.startsWith("refs/tags/") ? "tag" : "branch";
  const ref = change.ref.replace(/^refs\/(heads|tags)\//, "");
  if (event !== null) world.emit({ repo, event, action: null, actor, subject: { ref, ref_type: refType } });
}

async function tellPush(
  world: World,
  repo: Repo,
  { change, actor }: { change: RefChange; actor: Account },
): Promise<void> {
  const { before, after } = change;
  const range = before === null ? [after ?? "", "-n", "1"] : [`${before}..${after}`, "-n", "20"];
  const commits = after === null ? [] : (await repo.git.log(range[0] ?? "", ...range.slice(1))).reverse();
  const isForced = before !== null && after !== null && !(await repo.git.isAncestor(before, after));
  world.emit({
    repo,
    event: "push",
    action: null,
    actor,
    subject: { change, commits, forced: isForced, id: randomUUID() },
  });
}
