import type { PRSnapshot } from "../../model/pull-request.ts";
import type { SessionRecord } from "../../model/session.ts";
import { type Draft, isOver as hasPassed, note, patch } from "../draft.ts";
import { hasOpenPr, prName } from "../facts-of.ts";

/** A pull request that was put into the queue is listed there by then. */
const NOT_LISTED_MS = 5 * 60_000;

type Queued = NonNullable<SessionRecord["pr"]["queued"]>;
type Left = NonNullable<SessionRecord["pr"]["queueLeft"]>;

/** It was put into its base's merge queue by us. It is merged when the scm says so. */
export function enterQueue(draft: Draft, headSha: string): void {
  const { merging, snapshot: pr, queued } = draft.record.pr;
  patch(draft, { pr: { merging: null, mergeFailure: null, queueLeft: null } });
  if (queued?.headSha === headSha) return;
  const by = merging?.isAuto === true ? "ao" : "user";
  patch(draft, { pr: { queued: { headSha, by, at: draft.now, leftBefore: pr?.mergeQueue?.left?.id ?? null } } });
}

/** Follows it through the queue: it may have been put there on the forge, and leave it without being merged. */
export function followQueue(draft: Draft): void {
  const { snapshot: pr, queued = null } = draft.record.pr;
  if (pr === null || !hasOpenPr(draft.record) || pr.mergeQueue === undefined) return;
  const { position, left } = pr.mergeQueue;
  if (queued !== null && queued.headSha !== pr.headSha) {
    patch(draft, { pr: { queued: null } });
    note(draft, `${prName(pr.info)} left the merge queue because its branch has new commits.`);
  } else if (position !== null) {
    if (queued === null) enterByOthers(draft, pr);
  } else if (queued !== null) leave(draft, { queued, left });
}

function enterByOthers(draft: Draft, { headSha, mergeQueue }: PRSnapshot): void {
  const leftBefore = mergeQueue?.left?.id ?? null;
  patch(draft, {
    pr: { queued: { headSha, by: "world", at: draft.now, leftBefore }, queueLeft: null, mergeFailure: null },
  });
}

function leave(
  draft: Draft,
  { queued, left }: { queued: Queued; left: NonNullable<PRSnapshot["mergeQueue"]>["left"] },
): void {
  const { headSha } = queued;
  if (left !== null && left.id !== queued.leftBefore) {
    const failing = left.checks.length === 0 ? "" : ` (${left.checks.join(", ")})`;
    const reason = `it was removed from the merge queue: ${left.reason}${failing}`;
    patch(draft, {
      pr: {
        queued: null,
        queueLeft: { headSha, id: left.id, reason: left.reason, checks: left.checks },
        mergeFailure: { headSha, reason, at: draft.now },
      },
    });
  } else if (hasPassed(draft, queued.at, NOT_LISTED_MS)) {
    patch(draft, {
      pr: { queued: null, mergeFailure: { headSha, reason: "it is not in the merge queue any more", at: draft.now } },
    });
  }
}

/** Failed in the queue on the present head, and is not there again. */
export function failedInQueue({ pr: { snapshot: pr, queueLeft, queued } }: SessionRecord): Left | null {
  const isPresent = queueLeft && !queued && queueLeft.headSha === pr?.headSha && queueLeft.checks.length > 0;
  return isPresent ? queueLeft : null;
}

/** `in the merge queue, at position 2`. Null: it is not in one. */
export function describeQueue({ pr: { snapshot: pr, queued } }: SessionRecord): string | null {
  if (!queued || queued.headSha !== pr?.headSha) return null;
  const position = pr.mergeQueue?.position ?? null;
  return position === null ? "in the merge queue" : `in the merge queue, at position ${position}`;
}
