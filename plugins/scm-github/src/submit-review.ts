import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo, Review } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { SubmitReviewInput } from "@agent-orchestrator/core/slots/scm";
import type { Desk } from "./desk.ts";
import { submitOwnVerdict } from "./own-verdict.ts";
import { target } from "./scm.ts";

const EVENTS = { approved: "APPROVE", changes_requested: "REQUEST_CHANGES", commented: "COMMENT" } as const;
/** So that a review that is submitted again under the same id is found. People don't see it. */
const idMark = (id: string): string => `<!-- ao:review ${id} -->`;

/**
 * Submits a review of exactly the head that was looked at: a real one, or a verdict in `ao` where GitHub takes none. The same id again
 * is the same review.
 */
export async function submitReview(
  desk: Desk,
  { pr, review }: { pr: PRInfo; review: SubmitReviewInput },
  options: CallOptions = {},
): Promise<Review> {
  const where = { ...target(desk, options), pull_number: pr.number };
  const before = review.id === undefined ? null : await written(desk, where, review.id);
  if (before !== null) return before;
  const { data } = await desk.github.say(`read pull request ${pr.number}`, () => desk.github.rest.pulls.get(where));
  const judgedHead = () => headOf(pr, data, review.headSha);
  const { state } = review;
  const author = state === "commented" ? null : await desk.me(options);
  if (state !== "commented" && author === data.user.login) {
    const own = { pr, pullId: data.node_id, author, review: { ...review, state }, judgedHead };
    return submitOwnVerdict(desk, own, options);
  }
  const headSha = judgedHead();
  const body = [review.body.trim(), review.id === undefined ? "" : idMark(review.id)]
    .filter((text) => text !== "")
    .join("\n\n");
  const { data: made } = await desk.github.say(`review pull request ${pr.number}`, () =>
    desk.github.rest.pulls.createReview({
      ...where,
      commit_id: headSha,
      event: EVENTS[review.state],
      body,
      comments: (review.comments ?? []).map(({ path, line, body: text }) => ({ path, line: line ?? 1, body: text })),
    }),
  );
  return toReview(made, review.state);
}

interface RestPull {
  state: string;
  merged: boolean;
  head: { sha: string };
}

/** The head to judge. Throws REFUSED if it is not the wanted one, or if the pull request is over. */
function headOf(pr: PRInfo, { state, merged, head }: RestPull, wanted: string = head.sha): string {
  if (state !== "open") throw new AoError("REFUSED", `pull request ${pr.number} is ${merged ? "merged" : "closed"}`);
  if (wanted === head.sha) return wanted;
  throw new AoError("REFUSED", `${pr.branch} is now at ${head.sha.slice(0, 12)}`, {
    hint: "Look at the new commits, then submit the review again.",
    details: { expected: wanted, head: head.sha },
  });
}

interface RestReview {
  node_id: string;
  user: { login: string } | null;
  body: string;
  state: string;
  submitted_at?: string;
  commit_id: string | null;
}

function toReview(made: RestReview, state: Review["state"]): Review {
  return {
    id: made.node_id,
    author: made.user?.login ?? "ghost",
    state,
    body: made.body,
    submittedAt: made.submitted_at ?? new Date(0).toISOString(),
    ...(made.commit_id === null ? {} : { headSha: made.commit_id }),
    isTrusted: true,
  };
}

const STATES: Readonly<Record<string, Review["state"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes_requested",
  COMMENTED: "commented",
  DISMISSED: "dismissed",
};

/** A review with this id that reached GitHub before its answer was lost. */
async function written(
  desk: Desk,
  where: ReturnType<typeof target> & { pull_number: number },
  id: string,
): Promise<Review | null> {
  const { data } = await desk.github.say(`read the reviews of pull request ${where.pull_number}`, () =>
    desk.github.rest.pulls.listReviews({ ...where, per_page: 100 }),
  );
  const found = data.find(({ body }) => body.includes(idMark(id)));
  return found === undefined ? null : toReview(found, STATES[found.state] ?? "commented");
}
