import { isoNow } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo, Review } from "@agent-orchestrator/core/model/pull-request";
import type { SubmitReviewInput } from "@agent-orchestrator/core/slots/scm";
import type { Proceed } from "@agent-orchestrator/plugin-kit/until-aborted";
import { authorOf } from "./author.ts";
import { amend, type Desk, recordOf, tipsOf } from "./desk.ts";
import type { CommentRecord, PRRecord, ReviewRecord } from "./records.ts";
import type { Repository } from "./repository.ts";
import { toReview } from "./review.ts";

/** Records the user's verdict on the branch's current tip, or on the head that they name. `proceed` is called just before. */
export async function submitReview(
  desk: Desk,
  pr: PRInfo,
  { proceed, ...input }: SubmitReviewInput & { proceed: Proceed },
): Promise<Review> {
  const written = (record: PRRecord) =>
    record.reviews.find(({ wishId }) => wishId !== undefined && wishId === input.id);
  const known = recordOf(desk, pr);
  const before = written(known);
  if (before !== undefined) return toReview(before, known.comments);
  const repository = await desk.repository();
  const headSha = judgedHead(repository, recordOf(desk, pr), input.headSha);
  if (input.state !== "approved" && input.body.trim() === "" && (input.comments ?? []).length === 0) {
    throw new AoError("USAGE", "a review that does not approve needs a text", { hint: "Add -m TEXT." });
  }
  const author = await authorOf(desk, repository);
  const inline = await Promise.all(
    (input.comments ?? []).map(async (comment) => ({
      ...comment,
      ...(await locate(repository, headSha, comment)),
    })),
  );
  const record = recordOf(desk, pr);
  // The calls to git took a moment. The verdict is for the head before them.
  judgedHead(repository, record, headSha);
  proceed();
  const at = isoNow(desk.context.clock);
  const review: ReviewRecord = {
    id: `pr${record.number}-r${record.reviews.length + 1}`,
    author,
    ...(input.id === undefined ? {} : { wishId: input.id }),
    state: input.state,
    body: input.body,
    submittedAt: at,
    headSha,
  };
  const body = input.body.trim() === "" ? [] : [{ body: input.body }];
  const after = amend(desk, record.number, (now) => ({
    reviews: written(now) === undefined ? [...now.reviews, review] : now.reviews,
    comments: written(now) === undefined ? withComments(now, review, [...body, ...inline]) : now.comments,
  }));
  return toReview(review, after.comments);
}

function judgedHead(repository: Repository, record: PRRecord, wanted: string | undefined): string {
  if (record.state !== "open") throw new AoError("REFUSED", `pull request ${record.number} is ${record.state}`);
  const tip = tipsOf(repository.refs, record).head?.sha;
  if (tip === undefined) throw new AoError("REFUSED", `the branch ${record.branch} is gone`);
  if (wanted === undefined || wanted === tip) return tip;
  throw new AoError("REFUSED", `${record.branch} is now at ${tip.slice(0, 12)}`, {
    hint: "Look at the new commits, then submit the review again.",
    details: { expected: wanted, head: tip },
  });
}

type Draft = Pick<CommentRecord, "body" | "path" | "line" | "code">;

/** An approval resolves its author's threads. Its own comments are remarks, not tasks. */
function withComments(record: PRRecord, review: ReviewRecord, drafts: readonly Draft[]): CommentRecord[] {
  const isApproval = review.state === "approved";
  const before = record.comments.map((comment) =>
    isApproval && comment.author === review.author ? { ...comment, isResolved: true } : comment,
  );
  const fresh = drafts.map(
    (draft, index): CommentRecord => ({
      id: `pr${record.number}-c${before.length + index + 1}`,
      author: review.author,
      body: draft.body,
      ...(draft.path === undefined ? {} : { path: draft.path }),
      ...(draft.line === undefined ? {} : { line: draft.line }),
      ...(draft.code === undefined ? {} : { code: draft.code }),
      isResolved: isApproval,
      createdAt: review.submittedAt,
      reviewId: review.id,
      replies: [],
    }),
  );
  return [...before, ...fresh];
}

const MAX_CODE = 500;

/** Returns the line that the comment is about, as it is in the reviewed head. */
async function locate(
  repository: Repository,
  head: string,
  { path, line }: { path: string; line?: number },
): Promise<{ path: string; code?: string }> {
  const clean = path.replace(/^(?:\.\/)+/, "");
  const isInside = clean !== "" && !clean.startsWith("/") && !clean.split("/").includes("..");
  const { stdout, exitCode } = isInside
    ? await repository.lab(["cat-file", "blob", `${head}:${clean}`], { okExits: [0, 128], maxBytes: 16 << 20 })
    : { stdout: "", exitCode: 128 };
  if (exitCode !== 0) {
    throw new AoError("USAGE", `there is no file ${path} in ${head.slice(0, 12)}`, {
      hint: "Write `--at PATH:LINE`, with the path relative to the top of the repository.",
    });
  }
  if (line === undefined) return { path: clean };
  const lines = stdout.replace(/\n$/, "").split("\n");
  const code = lines[line - 1];
  if (code === undefined || line < 1) {
    throw new AoError("USAGE", `${path} has ${lines.length} lines, so there is no line ${line}`);
  }
  return { path: clean, code: code.slice(0, MAX_CODE) };
}
