import { issueKey } from "../../model/issue.ts";
import type { SessionRecord } from "../../model/session.ts";
import { act, type Draft, type FactOf, isOver as hasPassed, note, patch } from "../draft.ts";
import { isOver } from "../facts-of.ts";

/** A tracker that does not answer is asked again after this long, times the number of failures. */
const RETRY_MS = 5 * 60_000;
const MAX_FAILURES = 6;

/** Marks the issue as the user's while the session lives, and takes the mark away when it has ended. */
export function claimIssue(draft: Draft): void {
  const { record, ctx } = draft;
  const { issue } = record.task;
  if (!ctx.policy.claimIssue || issue === null || isUndecided(record)) return;
  const claim = record.issue.claim ?? { isWanted: false, asked: 0, failures: 0, failedAt: null };
  const isWanted = !isOver(record);
  const isChange = isWanted !== claim.isWanted;
  if (!isChange && !isAgainDue(draft, claim)) return;
  const asked = claim.asked + 1;
  const failures = isChange ? 0 : claim.failures;
  patch(draft, { issue: { claim: { isWanted, asked, failures, failedAt: null } } });
  act(draft, {
    kind: "claim-issue",
    key: `claim-issue:${record.id}:${asked}`,
    issueId: issueKey(issue),
    isClaimed: isWanted,
  });
}

/** New in this very step: whether it starts or waits is decided next. */
const isUndecided = ({ phase, queuedFor }: SessionRecord): boolean => phase === "queued" && queuedFor === null;

interface Failures {
  failures: number;
  failedAt: string | null;
}

/** What the tracker did not take is asked of it again now. */
export function isAgainDue(draft: Draft, { failedAt, failures }: Failures): boolean {
  return failedAt !== null && failures < MAX_FAILURES && hasPassed(draft, failedAt, failures * RETRY_MS);
}

/** One more failure. What will not pass by itself is not tried again. */
export function failedAgain({ failures }: Failures, { failure, at }: FactOf<"effect-failed">): Failures {
  const mayPass = failure.code === "UNREACHABLE" || failure.code === "TRY_AGAIN";
  return { failures: mayPass ? failures + 1 : MAX_FAILURES, failedAt: at };
}

export function claimFailed(draft: Draft, fact: FactOf<"effect-failed">): void {
  const { task } = draft.record;
  const { claim } = draft.record.issue;
  if (!claim) return;
  const what = claim.isWanted ? "claimed" : "released";
  note(draft, `Issue ${task.issue === null ? "" : issueKey(task.issue)} could not be ${what}: ${fact.failure.message}`);
  patch(draft, { issue: { claim: { ...claim, ...failedAgain(claim, fact) } } });
}
