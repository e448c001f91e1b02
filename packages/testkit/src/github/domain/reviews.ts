import { Refusal } from "../http/failure.ts";
import type { Account } from "../model/accounts.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Review, ReviewComment, ReviewState, ReviewThread } from "../model/pull.ts";
import type { World } from "../world.ts";

export type Verdict = "APPROVE" | "REQUEST_CHANGES" | "COMMENT";

const STATES: Record<Verdict, ReviewState> = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
};

export interface NewThread {
  path: string;
  body: string;
  line?: number | null;
  startLine?: number | null;
  side?: "LEFT" | "RIGHT";
}

export interface NewReview {
  author: Account;
  body?: string;
  /** Left out for a review that stays pending. */
  verdict?: Verdict;
  threads?: NewThread[];
  commitSha?: string;
}

const unprocessable = (...errors: string[]) =>
  new Refusal(422, "Unprocessable Entity", { errors, type: "UNPROCESSABLE" });

interface Judgement extends Pick<NewReview, "author" | "body" | "verdict"> {
  threads?: readonly unknown[];
}

function checkVerdict(pr: PullRequest, { author, body = "", verdict, threads = [] }: Judgement): void {
  if (verdict !== undefined && author.id === pr.author.id) {
    if (verdict === "APPROVE") throw unprocessable("Can not approve your own pull request");
    if (verdict === "REQUEST_CHANGES") throw unprocessable("Can not request changes on your own pull request");
  }
  if ((verdict === "COMMENT" && threads.length === 0) || verdict === "REQUEST_CHANGES") {
    if (body.trim() === "") throw unprocessable("Body can't be blank");
  }
}

export async function addReview(world: World, pr: PullRequest, given: NewReview): Promise<Review> {
  checkVerdict(pr, given);
  if (pr.pull.reviews.some(({ state, author }) => state === "PENDING" && author === given.author)) {
    throw unprocessable("User can only have one pending review per pull request");
  }
  const now = world.iso();
  const review = world.add<Review>("PRR", {
    author: given.author,
    body: given.body ?? "",
    state: "PENDING",
    commitSha: given.commitSha ?? pr.pull.headSha,
    createdAt: now,
    submittedAt: null,
    updatedAt: now,
  });
  const threads = await Promise.all((given.threads ?? []).map((thread) => draftThread(pr, thread)));
  pr.pull.reviews.push(review);
  for (const thread of threads) openThread(world, pr, { thread, review });
  if (given.verdict !== undefined) submitReview(world, pr, { review, verdict: given.verdict });
  return review;
}

export function submitReview(
  world: World,
  pr: PullRequest,
  given: { review: Review; verdict: Verdict; body?: string | undefined },
): void {
  const { review, verdict } = given;
  if (review.state !== "PENDING") throw unprocessable("Can not submit a review that is not pending");
  if (given.body !== undefined) review.body = given.body;
  const comments = commentsOf(pr, review);
  checkVerdict(pr, { author: review.author, body: review.body, verdict, threads: comments });
  const now = world.iso();
  Object.assign(review, { state: STATES[verdict], submittedAt: now, updatedAt: now });
  for (const comment of comments) Object.assign(comment, { createdAt: now, updatedAt: now });
  pr.updatedAt = now;
  if (verdict !== "COMMENT")
    pr.pull.requestedReviewers = pr.pull.requestedReviewers.filter((one) => one !== review.author);
  world.emit({
    repo: pr.repo,
    event: "pull_request_review",
    action: "submitted",
    actor: review.author,
    subject: { review, pull_request: pr },
  });
  for (const comment of comments) tellComment(world, pr, { comment, action: "created", actor: review.author });
}

export function dismissReview(
  world: World,
  pr: PullRequest,
  { review, actor }: { review: Review; actor: Account },
): void {
  if (review.state !== "APPROVED" && review.state !== "CHANGES_REQUESTED")
    throw unprocessable("Can not dismiss a commented pull request review");
  Object.assign(review, { state: "DISMISSED", updatedAt: world.iso() });
  world.emit({
    repo: pr.repo,
    event: "pull_request_review",
    action: "dismissed",
    actor,
    subject: { review, pull_request: pr },
  });
}

export const commentsOf = (pr: PullRequest, review?: Review): ReviewComment[] =>
  pr.pull.threads
    .flatMap(({ comments }) => comments)
    .filter((comment) => review === undefined || comment.review === review);

type Draft = Omit<ReviewThread, "id" | "nodeId" | "comments"> & { body: string };

/** Finds the place in the diff that a new thread is about. Throws GitHub's 422 when it is not in the diff. */
async function draftThread(pr: PullRequest, given: NewThread): Promise<Draft> {
  const { repo, pull } = pr;
  if (given.body.trim() === "") throw unprocessable("Body can't be blank");
  const base = (await repo.git.mergeBase(pull.baseSha, pull.headSha)) ?? pull.baseSha;
  const file = (await repo.git.files(base, pull.headSha)).find(({ path }) => path === given.path);
  if (file === undefined) throw new Refusal(422, "Validation Failed", { errors: ["Path could not be resolved"] });
  const side = given.side ?? "RIGHT";
  const line = given.line ?? null;
  const diffHunk = line === null ? file.patch : hunkAt(file.patch, line, side);
  if (diffHunk === null) throw new Refusal(422, "Validation Failed", { errors: ["Line could not be resolved"] });
  return {
    path: given.path,
    line,
    startLine: given.startLine ?? null,
    side,
    diffHunk,
    resolvedBy: null,
    isOutdated: false,
    body: given.body,
  };
}

/** The part of a patch from its hunk's head to a line, or `null` when the line is not in the diff. */
export function hunkAt(patch: string, line: number, side: "LEFT" | "RIGHT"): string | null {
  let hunk: string[] = [];
  let [left, right] = [0, 0];
  for (const row of patch.split("\n")) {
    const head = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(row);
    if (head !== null) {
      hunk = [row];
      [left, right] = [Number(head[1]), Number(head[2])];
      continue;
    }
    hunk.push(row);
    if (side === "RIGHT" ? !row.startsWith("-") && right === line : !row.startsWith("+") && left === line)
      return hunk.join("\n");
    if (!row.startsWith("+")) left++;
    if (!row.startsWith("-")) right++;
  }
  return null;
}

function openThread(
  world: World,
  pr: PullRequest,
  { thread, review }: { thread: Draft; review: Review },
): ReviewThread {
  const { body, ...place } = thread;
  const opened = world.add<ReviewThread>("PRRT", { ...place, comments: [] });
  pr.pull.threads.push(opened);
  addToThread(world, { thread: opened, review, body });
  return opened;
}

function addToThread(
  world: World,
  { thread, review, body }: { thread: ReviewThread; review: Review; body: string },
): ReviewComment {
  const now = world.iso();
  const inReplyTo = thread.comments[0] ?? null;
  const comment = world.add<ReviewComment>("PRRC", {
    thread,
    review,
    author: review.author,
    body,
    createdAt: now,
    updatedAt: now,
    inReplyTo,
    commitSha: review.commitSha,
  });
  thread.comments.push(comment);
  return comment;
}

/** A comment of its own on a line: GitHub wraps it in a review that is submitted at once, unless one is pending. */
export async function addThread(
  world: World,
  pr: PullRequest,
  given: NewThread & { author: Account; review?: Review | null },
): Promise<ReviewThread> {
  const draft = await draftThread(pr, given);
  const pending = given.review ?? null;
  const review = pending ?? (await addReview(world, pr, { author: given.author }));
  const thread = openThread(world, pr, { thread: draft, review });
  if (pending === null) submitReview(world, pr, { review, verdict: "COMMENT" });
  return thread;
}

export async function reply(
  world: World,
  pr: PullRequest,
  given: { thread: ReviewThread; author: Account; body: string; review?: Review | null },
): Promise<ReviewComment> {
  if (given.body.trim() === "") throw unprocessable("Body can't be blank");
  const pending = given.review ?? null;
  const review = pending ?? (await addReview(world, pr, { author: given.author }));
  const comment = addToThread(world, { thread: given.thread, review, body: given.body });
  if (pending === null) submitReview(world, pr, { review, verdict: "COMMENT" });
  return comment;
}

export function editReviewComment(
  world: World,
  pr: PullRequest,
  given: { comment: ReviewComment; body: string; actor: Account },
): void {
  const from = given.comment.body;
  Object.assign(given.comment, { body: given.body, updatedAt: world.iso() });
  tellComment(world, pr, {
    comment: given.comment,
    action: "edited",
    actor: given.actor,
    more: { changes: { body: { from } } },
  });
}

export function deleteReviewComment(
  world: World,
  pr: PullRequest,
  { comment, actor }: { comment: ReviewComment; actor: Account },
): void {
  const { thread } = comment;
  thread.comments = thread.comments.filter((other) => other !== comment);
  if (thread.comments.length === 0) pr.pull.threads = pr.pull.threads.filter((other) => other !== thread);
  world.nodes.delete(comment.nodeId);
  tellComment(world, pr, { comment, action: "deleted", actor });
}

export function setResolved(
  world: World,
  pr: PullRequest,
  { thread, by, actor }: { thread: ReviewThread; by: Account | null; actor: Account },
): void {
  if ((thread.resolvedBy === null) === (by === null)) return;
  thread.resolvedBy = by;
  pr.updatedAt = world.iso();
  const action = by === null ? "unresolved" : "resolved";
  world.emit({
    repo: pr.repo,
    event: "pull_request_review_thread",
    action,
    actor,
    subject: { thread, pull_request: pr },
  });
}

function tellComment(
  world: World,
  pr: PullRequest,
  row: { comment: ReviewComment; action: string; actor: Account; more?: Record<string, unknown> },
): void {
  const subject = { comment: row.comment, pull_request: pr, ...row.more };
  world.emit({ repo: pr.repo, event: "pull_request_review_comment", action: row.action, actor: row.actor, subject });
}
