import { custom, invalid, Refusal } from "../http/failure.ts";
import type { Account } from "../model/accounts.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Mergeable, Pull } from "../model/pull.ts";
import type { Repo } from "../model/repo.ts";
import { pullsOf, type World } from "../world.ts";
import { announce, blankIssue, closeIssue, note, reopenIssue } from "./issues.ts";
import { forgetMergeability, moveRef, publishHead } from "./refs.ts";

export interface NewPull {
  author: Account;
  title: string;
  body?: string | null;
  /** `branch`, or `owner:branch` for a fork's. */
  head: string;
  headRepo?: Repo | null;
  base: string;
  draft?: boolean;
  maintainerCanModify?: boolean;
}

/** The repository and branch that `owner:branch` names, looked up in the base's network. */
function headOf(world: World, repo: Repo, given: NewPull): { repo: Repo; branch: string } | null {
  const colon = given.head.indexOf(":");
  if (colon < 0) return { repo: given.headRepo ?? repo, branch: given.head };
  const owner = given.head.slice(0, colon).toLowerCase();
  const branch = given.head.slice(colon + 1);
  if (given.headRepo != null) return { repo: given.headRepo, branch };
  const root = (one: Repo): Repo => (one.parent === null ? one : root(one.parent));
  const network = world.repos.filter((other) => root(other) === root(repo));
  const found = network.find(
    (other) =>
      other.owner.login.toLowerCase() === owner && (other === repo || owner !== repo.owner.login.toLowerCase()),
  );
  return found === undefined ? null : { repo: found, branch };
}

export async function openPull(world: World, repo: Repo, given: NewPull): Promise<PullRequest> {
  const head = headOf(world, repo, given);
  const headSha = head === null ? null : await head.repo.git.resolve(`refs/heads/${head.branch}`);
  const baseSha = await repo.git.resolve(`refs/heads/${given.base}`);
  if (given.title.trim() === "") throw invalid({ resource: "PullRequest", field: "title", code: "missing_field" });
  if (head === null || headSha === null) throw invalid({ resource: "PullRequest", field: "head", code: "invalid" });
  if (baseSha === null) throw invalid({ resource: "PullRequest", field: "base", code: "invalid" });
  const owner = head.repo.owner.login;
  const twin = pullsOf(repo).find(
    ({ state, pull }) =>
      state === "open" && pull.headRepo === head.repo && pull.headRef === head.branch && pull.baseRef === given.base,
  );
  if (twin !== undefined) throw custom("PullRequest", `A pull request already exists for ${owner}:${head.branch}.`);
  if (head.repo !== repo) await repo.git.run(["fetch", "-q", "--no-tags", head.repo.git.dir, headSha]);
  if (await repo.git.isAncestor(headSha, baseSha)) {
    throw custom(
      "PullRequest",
      `No commits between ${given.base} and ${head.repo === repo ? "" : `${owner}:`}${head.branch}`,
    );
  }
  const issue = world.add<PullRequest>("PR", {
    ...blankIssue(world, repo, { author: given.author, title: given.title, body: given.body ?? null }),
    pull: newPull(world, { given, head, baseSha, headSha }),
  });
  repo.issues.set(issue.number, issue);
  await publishHead(issue);
  announce(world, issue, { action: "opened", actor: given.author });
  return issue;
}

function newPull(
  world: World,
  {
    given,
    head,
    baseSha,
    headSha,
  }: { given: NewPull; head: { repo: Repo; branch: string }; baseSha: string; headSha: string },
): Pull {
  return {
    id: world.nextId(),
    nodeId: "",
    baseRef: given.base,
    baseSha,
    headRepo: head.repo,
    headRef: head.branch,
    headSha,
    isDraft: given.draft ?? false,
    mergeable: "UNKNOWN",
    computing: null,
    isHeldUnknown: false,
    testMergeSha: null,
    isBehind: false,
    mergedAt: null,
    mergedBy: null,
    mergeSha: null,
    requestedReviewers: [],
    reviews: [],
    threads: [],
    autoMerge: null,
    maintainerCanModify: given.maintainerCanModify ?? head.repo.parent !== null,
  };
}

/**
 * Whether it can be merged. The first question after a push only starts the computation and is answered UNKNOWN, as on GitHub; the next
 * one waits for its end.
 */
export async function mergeability(world: World, pr: PullRequest): Promise<Mergeable> {
  const { pull } = pr;
  if (pull.mergedAt !== null || pr.state === "closed" || pull.isHeldUnknown) return "UNKNOWN";
  if (pull.mergeable !== "UNKNOWN") return pull.mergeable;
  if (pull.computing === null) {
    pull.computing = inBackground(world, pr);
    return "UNKNOWN";
  }
  await pull.computing;
  return pull.mergeable;
}

/** Computes it now, for those who cannot ask twice. */
export async function certainMergeability(world: World, pr: PullRequest): Promise<Mergeable> {
  pr.pull.computing ??= inBackground(world, pr);
  await pr.pull.computing;
  return pr.pull.mergeable;
}

/** Known to the world, which keeps its repositories until nothing works on them any more. */
function inBackground(world: World, pr: PullRequest): Promise<void> {
  const computing = computeMergeability(world, pr);
  world.later(() => computing);
  return computing;
}

async function computeMergeability(world: World, pr: PullRequest): Promise<void> {
  const { pull, repo } = pr;
  const { baseSha, headSha } = pull;
  const merged = await repo.git.mergeTree(baseSha, headSha);
  const isBehind = !(await repo.git.isAncestor(baseSha, headSha));
  let sha: string | null = null;
  if ("tree" in merged) {
    const by = { name: "GitHub", email: "noreply@github.com", at: world.now() };
    sha = await repo.git.commitTree(merged.tree, [baseSha, headSha], {
      message: `Merge ${headSha} into ${baseSha}`,
      by,
    });
    await repo.git.run(["update-ref", `refs/pull/${pr.number}/merge`, sha]);
  }
  // Either side may have moved meanwhile: then this is about what no longer is.
  if (pull.baseSha !== baseSha || pull.headSha !== headSha) return;
  Object.assign(pull, { mergeable: sha === null ? "CONFLICTING" : "MERGEABLE", testMergeSha: sha, isBehind });
}

export async function retarget(
  world: World,
  pr: PullRequest,
  { base, actor }: { base: string; actor: Account },
): Promise<void> {
  const sha = await pr.repo.git.resolve(`refs/heads/${base}`);
  if (sha === null) throw invalid({ resource: "PullRequest", field: "base", code: "invalid" });
  const from = pr.pull.baseRef;
  if (from === base) return;
  Object.assign(pr.pull, { baseRef: base, baseSha: sha });
  forgetMergeability(pr);
  note(world, pr, { event: "base_ref_changed", actor });
  announce(world, pr, { action: "edited", actor, more: { changes: { base: { ref: { from }, sha: { from: sha } } } } });
}

export function setDraft(
  world: World,
  pr: PullRequest,
  { isDraft, actor }: { isDraft: boolean; actor: Account },
): void {
  if (pr.pull.isDraft === isDraft) return;
  pr.pull.isDraft = isDraft;
  note(world, pr, { event: isDraft ? "convert_to_draft" : "ready_for_review", actor });
  announce(world, pr, { action: isDraft ? "converted_to_draft" : "ready_for_review", actor });
}

export async function setPullState(
  world: World,
  pr: PullRequest,
  { state, actor }: { state: "open" | "closed"; actor: Account },
): Promise<void> {
  if (state === "closed") return closeIssue(world, pr, { actor });
  const { headRepo, headRef } = pr.pull;
  const sha = headRepo === null ? null : await headRepo.git.resolve(`refs/heads/${headRef}`);
  if (sha === null) throw custom("PullRequest", "state cannot be changed. The head repository or branch was deleted.");
  pr.pull.headSha = sha;
  await publishHead(pr);
  forgetMergeability(pr);
  reopenIssue(world, pr, actor);
}

/** Merges the base into the head, as the button "Update branch" does. */
export async function updateBranch(
  world: World,
  pr: PullRequest,
  { expected, actor }: { expected?: string | undefined; actor: Account },
): Promise<void> {
  const { pull, repo } = pr;
  if (expected !== undefined && expected !== pull.headSha) {
    throw custom("PullRequest", "expected head sha didn’t match current head ref.");
  }
  const merged = await repo.git.mergeTree(pull.headSha, pull.baseSha);
  if (!("tree" in merged)) throw new Refusal(422, "merge conflict between base and head");
  if (await repo.git.isAncestor(pull.baseSha, pull.headSha))
    throw new Refusal(422, "There are no new commits on the base branch.");
  const by = {
    name: actor.name ?? actor.login,
    email: actor.email ?? `${actor.login}@users.noreply.github.com`,
    at: world.now(),
  };
  const message = `Merge branch '${pull.baseRef}' into ${pull.headRef}`;
  const sha = await repo.git.commitTree(merged.tree, [pull.headSha, pull.baseSha], { message, by });
  const { headRepo } = pull;
  if (headRepo === null) throw new Refusal(422, "The head repository is gone.");
  if (headRepo !== repo) await headRepo.git.run(["fetch", "-q", repo.git.dir, sha]);
  await moveRef(world, headRepo, {
    change: { ref: `refs/heads/${pull.headRef}`, before: pull.headSha, after: sha },
    actor,
  });
}

export function requestReviewers(
  world: World,
  pr: PullRequest,
  { reviewers, actor }: { reviewers: Account[]; actor: Account },
): void {
  if (reviewers.some(({ id }) => id === pr.author.id))
    throw new Refusal(422, "Review cannot be requested from pull request author.");
  for (const reviewer of reviewers) {
    if (pr.pull.requestedReviewers.includes(reviewer)) continue;
    pr.pull.requestedReviewers.push(reviewer);
    note(world, pr, {
      event: "review_requested",
      actor,
      details: { requested_reviewer: reviewer, review_requester: actor },
    });
    announce(world, pr, { action: "review_requested", actor, more: { requested_reviewer: reviewer } });
  }
}
