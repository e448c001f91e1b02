import type { Review, ReviewComment, ReviewDecision } from "@agent-orchestrator/core/model/pull-request";
import { cleanForTerminal } from "@agent-orchestrator/core/model/text";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { isOurs } from "@agent-orchestrator/plugin-kit/github/mark";
import type { Actor, People } from "@agent-orchestrator/plugin-kit/github/people";
import { visible } from "@agent-orchestrator/plugin-kit/github/visible";
import type { CommentNode, DetailsNode, PullRequestNode, ReviewNode, ThreadNode } from "./responses.ts";

export interface Written {
  reviews: Review[];
  /** Unresolved, of people. */
  comments: ReviewComment[];
  /** Unresolved, of bots. */
  botComments: ReviewComment[];
}

/** GitHub's login for a deleted account. */
const GHOST = "ghost";
const loginOf = (author: Actor | null): string => author?.login ?? GHOST;
const isBot = (author: Actor | null): boolean => author?.__typename === "Bot";

/** What people and bots wrote about a pull request, without what `ao` wrote itself. */
export async function toWritten(
  details: DetailsNode,
  headAt: string,
  who: { people: People } & CallOptions,
): Promise<Written> {
  const replies = ownReplies(details);
  const given = details.reviews.nodes.filter(({ id, state }) => state !== "PENDING" && !replies.has(id));
  const reviews = await Promise.all(given.map((node) => toReview(node, who)));
  const threads = details.reviewThreads.nodes.filter(({ isResolved }) => !isResolved);
  const inThreads = threads.flatMap((thread) => thread.comments.nodes.map((comment) => ({ comment, thread })));
  // GitHub can't resolve these. The next push answers them. Both times are whole seconds.
  const others = details.comments.nodes
    .filter(({ createdAt }) => createdAt >= headAt)
    .map((comment) => ({ comment, thread: null }));
  const shown = [...inThreads, ...others].filter(
    ({ comment }) => !isOurs(comment.body) && isSubmitted(comment) && visible(comment.body) !== "",
  );
  const comments = await Promise.all(shown.map(({ comment, thread }) => toComment(comment, thread, who)));
  return {
    reviews: reviews.filter((review) => review !== null),
    comments: comments.filter((comment) => comment.isBot !== true),
    botComments: comments.filter((comment) => comment.isBot === true),
  };
}

/** GitHub makes a review of each reply. Those of `ao` have no text, and no comment but the reply. */
function ownReplies({ reviews, reviewThreads }: DetailsNode): ReadonlySet<string> {
  const comments = reviewThreads.nodes.flatMap((thread) => thread.comments.nodes);
  const others = new Set(comments.filter(({ body }) => !isOurs(body)).map((each) => each.pullRequestReview?.id));
  const ours = new Set(comments.filter(({ body }) => isOurs(body)).map((each) => each.pullRequestReview?.id));
  const bare = reviews.nodes.filter(({ state, body }) => state === "COMMENTED" && body.trim() === "");
  return new Set(bare.map(({ id }) => id).filter((id) => ours.has(id) && !others.has(id)));
}

/** A review that is still being written is nobody's business. */
const isSubmitted = ({ pullRequestReview }: CommentNode): boolean => pullRequestReview?.state !== "PENDING";

async function toReview(node: ReviewNode, who: { people: People } & CallOptions): Promise<Review | null> {
  if (node.submittedAt === null || isOurs(node.body)) return null;
  return {
    id: node.id,
    author: loginOf(node.author),
    state: node.state.toLowerCase() as Review["state"],
    body: visible(node.body),
    submittedAt: node.submittedAt,
    isTrusted: await who.people.mayWrite(node.author, node.authorAssociation, who),
    ...(node.commit === null ? {} : { headSha: node.commit.oid }),
  };
}

async function toComment(
  node: CommentNode,
  thread: ThreadNode | null,
  who: { people: People } & CallOptions,
): Promise<ReviewComment> {
  const line = thread?.line ?? thread?.originalLine ?? null;
  const code = codeOf(node.diffHunk);
  return {
    id: node.id,
    author: loginOf(node.author),
    body: visible(node.body),
    isResolved: false,
    createdAt: node.createdAt,
    url: node.url,
    isBot: isBot(node.author),
    isTrusted: await who.people.mayWrite(node.author, node.authorAssociation, who),
    ...(thread === null ? {} : { path: thread.path, threadId: thread.id }),
    ...(line === null ? {} : { line }),
    ...(code === null ? {} : { code: cleanForTerminal(code) }),
    ...(node.pullRequestReview ? { reviewId: node.pullRequestReview.id } : {}),
  };
}

const CODE_LINES = 5;

/** The last lines of the hunk are the ones a comment is about. */
function codeOf(diffHunk: string | undefined): string | null {
  const lines = (diffHunk ?? "").split("\n").filter((line) => !line.startsWith("@@"));
  return lines.length === 0 || lines.join("") === "" ? null : lines.slice(-CODE_LINES).join("\n");
}

/** GitHub's decision. A request for changes of somebody with write access counts even where no review is required. */
export function decisionOf(
  { reviewDecision }: Pick<PullRequestNode, "reviewDecision">,
  reviews: readonly Review[],
): ReviewDecision {
  const latest = new Map<string, Review>();
  for (const review of reviews) {
    if (review.isTrusted !== true || review.state === "commented") continue;
    latest.set(review.author, review);
  }
  const states = new Set([...latest.values()].map(({ state }) => state));
  if (reviewDecision === "CHANGES_REQUESTED" || states.has("changes_requested")) return "changes_requested";
  if (reviewDecision === "APPROVED") return "approved";
  if (reviewDecision === "REVIEW_REQUIRED") return "pending";
  return states.has("approved") ? "approved" : "none";
}
