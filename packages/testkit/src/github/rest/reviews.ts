import { hasWrite } from "../domain/access.ts";
import {
  addReview,
  addThread,
  commentsOf,
  deleteReviewComment,
  dismissReview,
  editReviewComment,
  type NewThread,
  reply,
  submitReview,
  type Verdict,
} from "../domain/reviews.ts";
import { actorOf, byId, type Call, created, NO_CONTENT, ok, page, pullOf, required, text } from "../http/call.ts";
import { invalid, notFound, Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Review, ReviewComment } from "../model/pull.ts";
import { reviewCommentView, reviewView } from "../views/pulls.ts";
import { pullsOf } from "../world.ts";

const P = "/repos/{owner}/{repo}/pulls";
const ONE = `${P}/{pull_number}`;
const REVIEWS = `${ONE}/reviews`;
const READ = "pull_requests:read";
const WRITE = "pull_requests:write by read";

/** A pending review is seen by its author only. */
function seenBy(call: Call, { state, author }: Review): boolean {
  return state !== "PENDING" || author === call.viewer.account;
}

const reviewOf = (call: Call): Review =>
  byId(
    pullOf(call).pull.reviews.filter((one) => seenBy(call, one)),
    call.params.review_id,
  );

function verdictOf(call: Call): Verdict | undefined {
  const event = text(call, "event");
  if (event === undefined || event === "PENDING") return undefined;
  if (event !== "APPROVE" && event !== "REQUEST_CHANGES" && event !== "COMMENT") {
    throw invalid({ resource: "PullRequestReview", field: "event", code: "invalid", value: event });
  }
  return event;
}

function threadOf(row: Record<string, unknown>): NewThread {
  return {
    path: String(row.path ?? ""),
    body: String(row.body ?? ""),
    line: row.line == null ? null : Number(row.line),
    startLine: row.start_line == null ? null : Number(row.start_line),
    side: row.side === "LEFT" ? "LEFT" : "RIGHT",
  };
}

async function createReview(call: Call) {
  const pr = pullOf(call);
  const { comments } = call.body;
  const verdict = verdictOf(call);
  const commitSha = text(call, "commit_id");
  const review = await addReview(call.world, pr, {
    author: actorOf(call),
    body: text(call, "body") ?? "",
    threads: Array.isArray(comments) ? comments.map(threadOf) : [],
    ...(verdict === undefined ? {} : { verdict }),
    ...(commitSha === undefined ? {} : { commitSha }),
  });
  return ok(reviewView(call.urls, pr, review));
}

function findComment(call: Call): { pr: PullRequest; comment: ReviewComment } {
  for (const pr of pullsOf(call.repo)) {
    const comment = commentsOf(pr).find(
      ({ id, review }) => id === Number(call.params.comment_id) && seenBy(call, review),
    );
    if (comment !== undefined) return { pr, comment };
  }
  throw notFound();
}

/** The same refusal has another shape here than in a review. */
function notInDiff(error: unknown): never {
  if (!(error instanceof Refusal) || !String(error.errors?.[0]).endsWith("could not be resolved")) throw error;
  const field = `pull_request_review_thread.${String(error.errors?.[0]).startsWith("Path") ? "path" : "line"}`;
  throw invalid({
    resource: "PullRequestReviewComment",
    field,
    code: "custom",
    message: `${field} must be part of the diff`,
  });
}

async function createComment(call: Call) {
  const pr = pullOf(call);
  const author = actorOf(call);
  const parent = call.body.in_reply_to;
  const body = required(call, "body", "PullRequestReviewComment");
  if (parent !== undefined) {
    const { thread } = byId(commentsOf(pr), String(parent));
    return created(reviewCommentView(call.urls, pr, await reply(call.world, pr, { thread, author, body })));
  }
  required(call, "commit_id", "PullRequestReviewComment");
  const thread = await addThread(call.world, pr, { ...threadOf(call.body), author }).catch(notInDiff);
  return created(reviewCommentView(call.urls, pr, thread.comments[0] as ReviewComment));
}

function seenComments(call: Call, pr: PullRequest): ReviewComment[] {
  const from = call.query.get("since");
  return commentsOf(pr)
    .filter(
      ({ review, updatedAt }) =>
        seenBy(call, review) && review.state !== "PENDING" && (from === null || updatedAt >= from),
    )
    .sort((a, b) => a.id - b.id);
}

function mayChange(call: Call, comment: ReviewComment): void {
  const actor = actorOf(call);
  if (comment.author !== actor && !hasWrite(actor, call.repo))
    throw new Refusal(403, "Must have admin rights to Repository.");
}

export const reviewRoutes: Route[] = [
  route(`GET ${REVIEWS}`, READ, (call) => {
    const pr = pullOf(call);
    return page(
      call,
      pr.pull.reviews.filter((one) => seenBy(call, one)),
      (review) => reviewView(call.urls, pr, review),
    );
  }),
  route(`POST ${REVIEWS}`, WRITE, createReview),
  route(`GET ${REVIEWS}/{review_id}`, READ, (call) => ok(reviewView(call.urls, pullOf(call), reviewOf(call)))),
  route(`PUT ${REVIEWS}/{review_id}`, WRITE, (call) => {
    const review = reviewOf(call);
    if (review.author !== actorOf(call)) throw notFound();
    Object.assign(review, { body: required(call, "body", "PullRequestReview"), updatedAt: call.world.iso() });
    return ok(reviewView(call.urls, pullOf(call), review));
  }),
  route(`DELETE ${REVIEWS}/{review_id}`, WRITE, (call) => {
    const pr = pullOf(call);
    const review = reviewOf(call);
    if (review.state !== "PENDING")
      throw new Refusal(422, "Unprocessable Entity", { errors: ["Can not delete a non-pending pull request review"] });
    pr.pull.threads = pr.pull.threads.filter(({ comments }) => comments[0]?.review !== review);
    pr.pull.reviews = pr.pull.reviews.filter((one) => one !== review);
    return ok(reviewView(call.urls, pr, review));
  }),
  route(`GET ${REVIEWS}/{review_id}/comments`, READ, (call) => {
    const pr = pullOf(call);
    return page(call, commentsOf(pr, reviewOf(call)), (comment) => reviewCommentView(call.urls, pr, comment));
  }),
  route(`POST ${REVIEWS}/{review_id}/events`, WRITE, (call) => {
    const pr = pullOf(call);
    const review = reviewOf(call);
    submitReview(call.world, pr, { review, verdict: verdictOf(call) ?? "COMMENT", body: text(call, "body") });
    return ok(reviewView(call.urls, pr, review));
  }),
  route(`PUT ${REVIEWS}/{review_id}/dismissals`, "pull_requests:write", (call) => {
    const pr = pullOf(call);
    const review = reviewOf(call);
    required(call, "message", "PullRequestReview");
    dismissReview(call.world, pr, { review, actor: actorOf(call) });
    return ok(reviewView(call.urls, pr, review));
  }),
  route(`GET ${ONE}/comments`, READ, (call) => {
    const pr = pullOf(call);
    return page(call, seenComments(call, pr), (comment) => reviewCommentView(call.urls, pr, comment));
  }),
  route(`POST ${ONE}/comments`, WRITE, createComment),
  route(`POST ${ONE}/comments/{comment_id}/replies`, WRITE, async (call) => {
    const { pr, comment } = findComment(call);
    const body = required(call, "body", "PullRequestReviewComment");
    return created(
      reviewCommentView(
        call.urls,
        pr,
        await reply(call.world, pr, { thread: comment.thread, author: actorOf(call), body }),
      ),
    );
  }),
  route(`GET ${P}/comments`, READ, (call) => {
    const all = pullsOf(call.repo).flatMap((pr) => seenComments(call, pr).map((comment) => ({ pr, comment })));
    return page(call, all, ({ pr, comment }) => reviewCommentView(call.urls, pr, comment));
  }),
  route(`GET ${P}/comments/{comment_id}`, READ, (call) => {
    const { pr, comment } = findComment(call);
    return ok(reviewCommentView(call.urls, pr, comment));
  }),
  route(`PATCH ${P}/comments/{comment_id}`, WRITE, (call) => {
    const { pr, comment } = findComment(call);
    mayChange(call, comment);
    editReviewComment(call.world, pr, {
      comment,
      body: required(call, "body", "PullRequestReviewComment"),
      actor: actorOf(call),
    });
    return ok(reviewCommentView(call.urls, pr, comment));
  }),
  route(`DELETE ${P}/comments/{comment_id}`, WRITE, (call) => {
    const { pr, comment } = findComment(call);
    mayChange(call, comment);
    deleteReviewComment(call.world, pr, { comment, actor: actorOf(call) });
    return NO_CONTENT;
  }),
];
