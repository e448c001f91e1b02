import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo, Review } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { SubmitReviewInput } from "@agent-orchestrator/core/slots/scm";
import { marked } from "@agent-orchestrator/plugin-kit/github/mark";
import type { Desk } from "./desk.ts";
import { readDetails } from "./read.ts";
import { target } from "./scm.ts";
import { asReview, type Verdict } from "./verdicts.ts";

export interface OwnVerdict {
  pr: PRInfo;
  /** The pull request's GraphQL id. */
  pullId: string;
  /** The login of the token, which opened the pull request. */
  author: string;
  review: SubmitReviewInput & Pick<Verdict, "state">;
  /** Throws REFUSED if this head can't be judged now. Returns the head to judge. */
  judgedHead(): string;
}

/**
 * A verdict that GitHub does not take, because the pull request was opened with the same token. It is shown as a comment there, and
 * recorded here. The comment comes first: if its answer is lost, the same review again finds it.
 */
export async function submitOwnVerdict(desk: Desk, given: OwnVerdict, options: CallOptions = {}): Promise<Review> {
  const { pr, pullId, author, review } = given;
  const { id = newId(), state } = review;
  const known = desk.verdicts.of(pullId).find((verdict) => verdict.id === id);
  if (known !== undefined) return asReview(known, known.headSha);
  if (state === "changes_requested" && review.body.trim() === "" && (review.comments ?? []).length === 0) {
    throw new AoError("USAGE", "a review that does not approve needs a text", { hint: "Add -m TEXT." });
  }
  const shown =
    (await postedBefore(desk, { pr, author, id }, options)) ?? (await post(desk, { ...given, id }, options));
  const verdict: Verdict = {
    id,
    author,
    state,
    body: review.body,
    ...shown,
    comments: (review.comments ?? []).map((comment) => ({ ...comment, isResolved: false })),
  };
  desk.verdicts.add(pullId, verdict);
  return asReview(verdict, verdict.headSha);
}

type Shown = Pick<Verdict, "url" | "submittedAt" | "headSha">;

/** So that it is found again, with the head that it judged. People don't see it. */
const verdictMark = (id: string, headSha: string): string => `<!-- ao:verdict ${id} ${headSha} -->`;
const VERDICT_MARK = /<!-- ao:verdict (\S+) ([0-9a-f]{40,64}) -->/;

async function postedBefore(
  desk: Desk,
  { pr, author, id }: { pr: PRInfo; author: string; id: string },
  options: CallOptions,
): Promise<Shown | null> {
  const { comments } = await readDetails(desk, pr.number, options);
  for (const { body, url, createdAt, author: by } of comments.nodes) {
    const [, of, headSha] = VERDICT_MARK.exec(body) ?? [];
    if (by?.login === author && of === id && headSha !== undefined) return { url, submittedAt: createdAt, headSha };
  }
  return null;
}

async function post(desk: Desk, given: OwnVerdict & { id: string }, options: CallOptions): Promise<Shown> {
  const { pr, review, id } = given;
  const headSha = given.judgedHead();
  const { data } = await desk.github.say(`comment on pull request ${pr.number}`, () =>
    desk.github.rest.issues.createComment({
      ...target(desk, options),
      issue_number: pr.number,
      body: marked(`${textOf(review, headSha)}\n\n${verdictMark(id, headSha)}`),
    }),
  );
  return { url: data.html_url, submittedAt: data.created_at, headSha };
}

const TITLES = { approved: "Approved", changes_requested: "Changes requested" };

function textOf({ state, body, comments = [] }: OwnVerdict["review"], headSha: string): string {
  const places = comments.map(({ path, line, body: text }) => {
    const place = line === undefined ? path : `${path}:${line}`;
    return `\`${place}\`\n${text.replace(/^/gm, "> ")}`;
  });
  const title = `**${TITLES[state]}** at ${headSha}, recorded by \`ao\`. GitHub takes no verdict from the author.`;
  return [title, body.trim(), ...places].filter((text) => text !== "").join("\n\n");
}
