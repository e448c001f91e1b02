import { join } from "node:path";
import type { Review, ReviewComment } from "@agent-orchestrator/core/model/pull-request";
import { Iso } from "@agent-orchestrator/core/model/time";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { fileTable } from "@agent-orchestrator/plugin-kit/records/file-table";
import { openSealing } from "@agent-orchestrator/plugin-kit/records/sealing";
import { z } from "zod";
import type { Written } from "./reviews.ts";

/** What the author of a pull request decided about it with `ao review`, which GitHub itself does not accept of them. */
export const Verdict = z.looseObject({
  /** The id of the review that was submitted. */
  id: z.string(),
  author: z.string(),
  state: z.enum(["approved", "changes_requested"]),
  body: z.string(),
  headSha: z.string(),
  submittedAt: Iso,
  /** The comment on GitHub that shows it. */
  url: z.string(),
  comments: z.array(
    z.looseObject({
      path: z.string(),
      line: z.number().int().optional(),
      body: z.string(),
      isResolved: z.boolean().default(false),
    }),
  ),
});
export type Verdict = z.infer<typeof Verdict>;

const Record = z.looseObject({ verdicts: z.array(Verdict) });

/** The verdicts on each pull request, oldest first, by its GraphQL id, which stays when a repository is renamed. */
export interface Verdicts {
  of(pullId: string): readonly Verdict[];
  add(pullId: string, verdict: Verdict): void;
  /** Whether there is such a comment of a verdict. It is resolved from now on. */
  resolve(pullId: string, commentId: string): boolean;
}

/** In `verdicts/` of the plugin's state folder, each file with the daemon's seal. */
export function openVerdicts(context: PluginContext): Verdicts {
  const { stateDir, log, clock } = context;
  // Nothing was written there before records had a seal, so nothing is taken over.
  const sealing = openSealing(context, []);
  const table = fileTable({ dir: join(stateDir, FOLDER), schema: Record, log, clock, sealing });
  const of = (pullId: string) => table.get(keyOf(pullId))?.verdicts ?? [];
  return {
    of,
    add: (pullId, verdict) => table.put(keyOf(pullId), { verdicts: [...of(pullId), verdict] }),
    resolve(pullId, commentId) {
      const isThis = (verdict: Verdict, at: number) => idOfComment(verdict, at) === commentId;
      const before = of(pullId);
      if (!before.some((verdict) => verdict.comments.some((_, at) => isThis(verdict, at)))) return false;
      const verdicts = before.map((verdict) => ({
        ...verdict,
        comments: verdict.comments.map((each, at) => (isThis(verdict, at) ? { ...each, isResolved: true } : each)),
      }));
      table.put(keyOf(pullId), { verdicts });
      return true;
    },
  };
}

const FOLDER = "verdicts";
/** A GraphQL id may have any character of base64. */
const keyOf = (pullId: string): string => `p${Buffer.from(pullId).toString("hex")}`;

const PREFIX = "ao-verdict-";
const idOf = ({ id }: Verdict): string => `${PREFIX}${id}`;
const idOfComment = (verdict: Verdict, index: number): string => `${idOf(verdict)}-${index + 1}`;

/** Whether a comment's id is one of ours, not GitHub's. */
export const isOfVerdict = (commentId: string): boolean => commentId.startsWith(PREFIX);

/** An approval is of the head that it judged. GitHub's word for one that a push has overtaken is `dismissed`. */
export function asReview(verdict: Verdict, headSha: string): Review {
  const { author, body, submittedAt } = verdict;
  const isOvertaken = verdict.state === "approved" && verdict.headSha !== headSha;
  const state = isOvertaken ? "dismissed" : verdict.state;
  return { id: idOf(verdict), author, state, body, submittedAt, headSha: verdict.headSha, isTrusted: true };
}

/** With the verdicts as reviews and comments. An approval settles the comments of those before it. */
export function withVerdicts(written: Written, verdicts: readonly Verdict[], headSha: string): Written {
  if (verdicts.length === 0) return written;
  const reviews = [...written.reviews, ...verdicts.map((verdict) => asReview(verdict, headSha))];
  const open = verdicts.slice(verdicts.findLastIndex(({ state }) => state === "approved") + 1);
  return {
    ...written,
    reviews: reviews.sort((a, b) => Date.parse(a.submittedAt) - Date.parse(b.submittedAt)),
    comments: [...written.comments, ...open.flatMap(commentsOf)],
  };
}

function commentsOf(verdict: Verdict): ReviewComment[] {
  const { author, submittedAt, url } = verdict;
  return verdict.comments
    .map(({ path, line, body, isResolved }, index) => ({
      id: idOfComment(verdict, index),
      author,
      body,
      path,
      ...(line === undefined ? {} : { line }),
      isResolved,
      createdAt: submittedAt,
      url,
      isTrusted: true,
      reviewId: idOf(verdict),
    }))
    .filter(({ isResolved }) => !isResolved);
}
