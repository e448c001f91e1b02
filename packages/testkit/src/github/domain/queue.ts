import { Refusal } from "../http/failure.ts";
import type { Account } from "../model/accounts.ts";
import type { PullRequest } from "../model/issue.ts";
import type { QueueEntry } from "../model/pull.ts";
import type { Repo } from "../model/repo.ts";
import { type Happening, isPull, pullsOf, type World } from "../world.ts";
import { hasWrite } from "./access.ts";
import { outcomeOf } from "./checks.ts";
import { announce, note } from "./issues.ts";
import { finishMerge, mergePull } from "./merge.ts";
import { certainMergeability } from "./pulls.ts";
import { moveRef } from "./refs.ts";
import { demandsOn, violations } from "./rules.ts";

const GITHUB = (world: World): Account => world.account("github-merge-queue[bot]");

const inBackground = (world: World, work: () => Promise<void>) => world.later(() => world.exclusive(work));

export function enqueue(
  world: World,
  pr: PullRequest,
  { actor, expectedHead }: { actor: Account; expectedHead?: string | undefined },
): QueueEntry {
  const { repo, pull } = pr;
  const refuse = (message: string) => new Refusal(422, message);
  if (demandsOn(repo, pull.baseRef).mergeQueue === null) throw refuse("Merge queue is not enabled for this branch");
  if (expectedHead !== undefined && expectedHead !== pull.headSha)
    throw refuse(`Head sha didn't match current head ref.`);
  if (!hasWrite(actor, repo)) throw new Refusal(403, `${actor.login} does not have permission to add to the queue`);
  if (pull.isDraft) throw refuse("Pull request is in draft state");
  if (repo.queue.some((entry) => entry.pr === pr)) throw refuse("Pull request is already in the queue");
  const found = violations(pr);
  if (found.length > 0) throw refuse(found.join(" "));
  const entry = world.add<QueueEntry>("MQE", {
    pr,
    base: pull.baseRef,
    enqueuer: actor,
    enqueuedAt: world.iso(),
    state: "QUEUED",
    headSha: null,
    headRef: null,
  });
  repo.queue.push(entry);
  note(world, pr, { event: "added_to_merge_queue", actor });
  announce(world, pr, { action: "enqueued", actor });
  inBackground(world, () => advanceQueue(world, repo));
  return entry;
}

/** The timeline's words for the reasons of webhooks. GitHub documents neither; these are what people report. */
const REASONS: Partial<Record<string, string>> = {
  MERGE: "merged",
  CI_FAILURE: "failed_checks",
  MERGE_CONFLICT: "merge_conflict",
};

export async function dequeue(
  world: World,
  entry: QueueEntry,
  { actor, reason }: { actor: Account; reason: string },
): Promise<void> {
  const { repo } = entry.pr;
  repo.queue = repo.queue.filter((other) => other !== entry);
  const details = { reason: REASONS[reason] ?? reason.toLowerCase(), before: entry.headSha, enqueuer: entry.enqueuer };
  if (entry.headRef !== null && entry.headSha !== null) {
    await moveRef(world, repo, {
      change: { ref: `refs/heads/${entry.headRef}`, before: entry.headSha, after: null },
      actor: GITHUB(world),
    });
    world.emit({
      repo,
      event: "merge_group",
      action: "destroyed",
      actor: GITHUB(world),
      subject: { entry, reason: reason === "MERGE" ? "merged" : "dequeued" },
    });
  }
  note(world, entry.pr, { event: "removed_from_merge_queue", actor, details });
  if (reason === "MERGE") return;
  announce(world, entry.pr, { action: "dequeued", actor, more: { reason } });
}

/** Builds the first entry's group, or merges it once its required checks have passed. */
async function advanceQueue(world: World, repo: Repo): Promise<void> {
  const entry = repo.queue[0];
  if (entry === undefined) return;
  const { pr } = entry;
  if (entry.headSha === null) return buildGroup(world, entry);
  const { headSha } = entry;
  const outcomes = demandsOn(repo, entry.base).requiredChecks.map((check) => outcomeOf(repo, headSha, check));
  if (outcomes.includes("failing")) {
    entry.state = "UNMERGEABLE";
    await dequeue(world, entry, { actor: GITHUB(world), reason: "CI_FAILURE" });
  } else if (outcomes.every((outcome) => outcome === "passing")) {
    entry.state = "MERGEABLE";
    await dequeue(world, entry, { actor: GITHUB(world), reason: "MERGE" });
    await finishMerge(world, pr, { sha: headSha, base: pr.pull.baseSha, actor: entry.enqueuer });
  } else return;
  await advanceQueue(world, repo);
}

async function buildGroup(world: World, entry: QueueEntry): Promise<void> {
  const { pr } = entry;
  const { repo, pull } = pr;
  if ((await certainMergeability(world, pr)) === "CONFLICTING") {
    await dequeue(world, entry, { actor: GITHUB(world), reason: "MERGE_CONFLICT" });
    return advanceQueue(world, repo);
  }
  const merged = await repo.git.mergeTree(pull.baseSha, pull.headSha);
  if (!("tree" in merged)) return;
  const isSquash = demandsOn(repo, entry.base).mergeQueue === "squash";
  const message = isSquash
    ? `${pr.title} (#${pr.number})`
    : `Merge pull request #${pr.number} from ${pull.headRepo?.owner.login}/${pull.headRef}\n\n${pr.title}`;
  // Two groups never share a commit, not even with a clock that stands.
  const by = { name: "GitHub", email: "noreply@github.com", at: world.now() + entry.id * 1000 };
  const sha = await repo.git.commitTree(merged.tree, isSquash ? [pull.baseSha] : [pull.baseSha, pull.headSha], {
    message,
    by,
  });
  entry.headRef = `gh-readonly-queue/${entry.base}/pr-${pr.number}-${pull.baseSha}`;
  entry.headSha = sha;
  entry.state = "AWAITING_CHECKS";
  await moveRef(world, repo, {
    change: { ref: `refs/heads/${entry.headRef}`, before: null, after: sha },
    actor: GITHUB(world),
  });
  world.emit({ repo, event: "merge_group", action: "checks_requested", actor: GITHUB(world), subject: { entry } });
  return advanceQueue(world, repo);
}

/** Goes on with queues and auto-merge after anything that they wait for. */
export function followUp(world: World, { repo, event, subject, action }: Happening): void {
  if (event === "check_run" || event === "status") inBackground(world, () => advanceQueue(world, repo));
  if (event === "pull_request" && (action === "synchronize" || action === "closed")) {
    const entry = repo.queue.find(({ pr }) => pr === subject.pull_request);
    if (entry !== undefined)
      inBackground(world, () => dequeue(world, entry, { actor: entry.enqueuer, reason: "MANUAL" }));
  }
  for (const pr of pullsOf(repo))
    if (pr.pull.autoMerge !== null && pr.state === "open") inBackground(world, () => tryAutoMerge(world, pr));
}

async function tryAutoMerge(world: World, pr: PullRequest): Promise<void> {
  const { autoMerge } = pr.pull;
  if (autoMerge === null || pr.state !== "open" || !isPull(pr)) return;
  try {
    if (demandsOn(pr.repo, pr.pull.baseRef).mergeQueue !== null) {
      enqueue(world, pr, { actor: autoMerge.enabledBy });
      pr.pull.autoMerge = null;
    } else
      await mergePull(world, pr, {
        actor: autoMerge.enabledBy,
        method: autoMerge.method,
        title: autoMerge.title ?? undefined,
        message: autoMerge.message ?? undefined,
      });
  } catch (error) {
    // What still stands against it. The next change tries again.
    if (!(error instanceof Refusal)) throw error;
  }
}
