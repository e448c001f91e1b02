import { hasWrite } from "../domain/access.ts";
import {
  addReview,
  addThread,
  deleteReviewComment,
  dismissReview,
  editReviewComment,
  type NewThread,
  reply,
  setResolved,
  submitReview,
  type Verdict,
} from "../domain/reviews.ts";
import { Refusal } from "../http/failure.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Review, ReviewComment, ReviewThread } from "../model/pull.ts";
import type { Input } from "./mutations.ts";
import { ownerOf } from "./query.ts";
import { reviewCommentNode, reviewNode, threadNode } from "./review.ts";
import type { Scope } from "./scope.ts";
import { pullFor, string } from "./subjects.ts";

type Args = { input: Input };

const verdictOf = (event: unknown): Verdict | undefined =>
  event == null || event === "DISMISS" ? undefined : (event as Verdict);

function threadOf(input: Input): NewThread {
  const line = input.line == null ? null : Number(input.line);
  return {
    path: String(input.path),
    body: String(input.body),
    line,
    startLine: input.startLine == null ? null : Number(input.startLine),
    side: input.side === "LEFT" ? "LEFT" : "RIGHT",
  };
}

function find<T extends object>(scope: Scope, kind: string, id: unknown): T {
  const found = scope.world.node<T>(kind, String(id));
  if (found === null) throw new Refusal(404, `Could not resolve to a node with the global id of '${String(id)}'.`);
  return found;
}

/** A part of a pull request, with the pull request and the actor. */
function within<T extends object>(
  scope: Scope,
  { kind, id }: { kind: string; id: unknown },
  has: (pr: PullRequest, part: T) => boolean,
) {
  const part = find<T>(scope, kind, id);
  const owner = ownerOf(scope, (one) => has(one, part));
  return { part, ...pullFor(scope, owner.nodeId, { role: "read" }) };
}

const threadFor = (scope: Scope, id: unknown) =>
  within<ReviewThread>(scope, { kind: "PRRT", id }, ({ pull }, thread) => pull.threads.includes(thread));
const reviewFor = (scope: Scope, id: unknown) =>
  within<Review>(scope, { kind: "PRR", id }, ({ pull }, review) => pull.reviews.includes(review));
const commentFor = (scope: Scope, id: unknown) =>
  within<ReviewComment>(scope, { kind: "PRRC", id }, ({ pull }, { thread }) => pull.threads.includes(thread));

function resolve(scope: Scope, id: unknown, isResolved: boolean) {
  const { part, pr, actor } = threadFor(scope, id);
  if (actor !== pr.author && !hasWrite(actor, pr.repo)) {
    throw new Refusal(
      403,
      `${actor.login} does not have the correct permissions to execute \`${isResolved ? "Resolve" : "Unresolve"}ReviewThread\``,
    );
  }
  setResolved(scope.world, pr, { thread: part, by: isResolved ? actor : null, actor });
  return { thread: threadNode(scope, pr, part) };
}

/** The review that a new comment joins: the one named, or the actor's pending one. */
function pendingOf(pr: PullRequest, input: Input, scope: Scope): Review | null {
  if (input.pullRequestReviewId != null) return find<Review>(scope, "PRR", input.pullRequestReviewId);
  return pr.pull.reviews.find(({ state, author }) => state === "PENDING" && author === scope.viewer.account) ?? null;
}

export const reviewMutations = {
  async addPullRequestReview({ input }: Args, scope: Scope) {
    const { pr, actor } = pullFor(scope, input.pullRequestId, { role: "read" });
    const verdict = verdictOf(input.event);
    const commitSha = string(input.commitOID);
    const threads = [
      ...((input.threads ?? []) as Input[]),
      ...((input.comments ?? []) as Input[]).map((one) => ({ ...one, line: one.line ?? null })),
    ];
    const review = await addReview(scope.world, pr, {
      author: actor,
      body: string(input.body) ?? "",
      threads: threads.map(threadOf),
      ...(verdict === undefined ? {} : { verdict }),
      ...(commitSha === undefined ? {} : { commitSha }),
    });
    return { pullRequestReview: reviewNode(scope, pr, review), reviewEdge: null };
  },
  submitPullRequestReview({ input }: Args, scope: Scope) {
    const { pr, actor } =
      input.pullRequestId == null
        ? reviewFor(scope, input.pullRequestReviewId)
        : pullFor(scope, input.pullRequestId, { role: "read" });
    const review = pendingOf(pr, input, scope);
    if (review === null || review.author !== actor) throw new Refusal(404, "Could not find a pending review");
    submitReview(scope.world, pr, { review, verdict: input.event as Verdict, body: string(input.body) });
    return { pullRequestReview: reviewNode(scope, pr, review) };
  },
  dismissPullRequestReview({ input }: Args, scope: Scope) {
    const { part, pr } = reviewFor(scope, input.pullRequestReviewId);
    const { actor } = pullFor(scope, pr.nodeId);
    dismissReview(scope.world, pr, { review: part, actor });
    return { pullRequestReview: reviewNode(scope, pr, part) };
  },
  async addPullRequestReviewThread({ input }: Args, scope: Scope) {
    const about =
      input.pullRequestId == null
        ? reviewFor(scope, input.pullRequestReviewId)
        : pullFor(scope, input.pullRequestId, { role: "read" });
    const { pr, actor } = about;
    // In GraphQL a new thread joins a pending review, or starts one.
    const review = pendingOf(pr, input, scope) ?? (await addReview(scope.world, pr, { author: actor }));
    const thread = await addThread(scope.world, pr, { ...threadOf(input), author: actor, review });
    return { thread: threadNode(scope, pr, thread) };
  },
  async addPullRequestReviewThreadReply({ input }: Args, scope: Scope) {
    const { part, pr, actor } = threadFor(scope, input.pullRequestReviewThreadId);
    const comment = await reply(scope.world, pr, {
      thread: part,
      author: actor,
      body: String(input.body),
      review: pendingOf(pr, input, scope),
    });
    return { comment: reviewCommentNode(scope, pr, comment) };
  },
  resolveReviewThread: ({ input }: Args, scope: Scope) => resolve(scope, input.threadId, true),
  unresolveReviewThread: ({ input }: Args, scope: Scope) => resolve(scope, input.threadId, false),
  updatePullRequestReviewComment({ input }: Args, scope: Scope) {
    const { part, pr, actor } = commentFor(scope, input.pullRequestReviewCommentId);
    editReviewComment(scope.world, pr, { comment: part, body: String(input.body), actor });
    return { pullRequestReviewComment: reviewCommentNode(scope, pr, part) };
  },
  deletePullRequestReviewComment({ input }: Args, scope: Scope) {
    const { part, pr, actor } = commentFor(scope, input.id);
    deleteReviewComment(scope.world, pr, { comment: part, actor });
    return { pullRequestReview: reviewNode(scope, pr, part.review) };
  },
};
