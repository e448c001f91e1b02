import type { SessionRecord } from "../../model/session.ts";
import { at } from "../../model/time.ts";
import { isAsking } from "../activity.ts";
import { type Draft, wakeAt } from "../draft.ts";
import {
  currentReport,
  describeErrorExit,
  endedByInterrupt,
  exitedUnasked,
  hasNewCommits,
  hasOpenPr,
  isDetached,
  isErrorExit,
  isOver,
  latest,
  strayBranch,
  workSeenSince,
} from "../facts-of.ts";
import { isPrComing } from "./pull-request.ts";
import { end } from "./stop.ts";

/** Without an answer about the checkout for this long, "cannot tell" is the answer. */
export const INSPECTION_MS = 60_000;

/** Ends a session by what is known of it: an error exit, an agent that left with nothing done, or one that said "done". */
export function judgeEnding(draft: Draft): void {
  const { record } = draft;
  if (isOver(record) || record.launch.stopping || hasOpenPr(record)) return;
  const exit = record.launch.last?.exit ?? null;
  for (const since of [exit?.at, record.report?.at]) {
    if (since) for (const periods of [1, 2]) wakeAt(draft, at(since) + periods * INSPECTION_MS);
  }
  if (exitedUnasked(record) && exit !== null && isErrorExit(record)) {
    end(draft, { status: "errored", by: "world", reason: describeErrorExit(exit), at: exit.at });
    return;
  }
  if (judgeReport(draft)) return;
  if (judgeExit(draft) === "nothing-done") {
    end(draft, { status: "done", by: "world", reason: "the agent ended with nothing to show for it", at: draft.now });
  }
}

/** "Done" by its own word, unless its commits are about to become a pull request. */
function judgeReport(draft: Draft): boolean {
  const { record } = draft;
  const report = currentReport(record);
  if (report?.state !== "done" || isAsking(record.activity?.state)) return false;
  if (!isInspected(draft, report.at)) return true;
  // Somebody must see to what lies on another branch, whatever it says.
  if (isPrComing(record, draft) || mayHavePr(draft, report.at) || isElsewhere(record)) return true;
  end(draft, { status: "done", by: "agent", reason: report.note ?? "it said so", at: draft.now });
  return true;
}

const isElsewhere = (record: SessionRecord): boolean =>
  isDetached(record) || (strayBranch(record) !== null && hasNewCommits(record));

/** Commits by an agent that opens its pull requests itself: the scm may not have told of one yet. */
function mayHavePr({ record, ctx }: Draft, since: string): boolean {
  if (ctx.policy.openPr !== "manual" || !hasNewCommits(record)) return false;
  return latest(record.pr.seenAt) < at(since) && ctx.nowMs < at(since) + INSPECTION_MS;
}

/**
 * What the exit of an interactive agent with status 0 means. `unjudged` until the checkout was looked at after it.
 * Exported for the status, which does not judge earlier either.
 */
export function judgeExit(draft: Pick<Draft, "record" | "ctx">): "nothing-done" | "something-left" | "unjudged" | null {
  const { record, ctx } = draft;
  const exit = record.launch.last?.exit ?? null;
  if (exit === null || !exitedUnasked(record) || ctx.policy.agent.lifetime !== "interactive") return null;
  // A stop is on its way: that decides how this ends.
  if (record.launch.stopping) return "unjudged";
  if (isErrorExit(record) || exit.code !== 0 || endedByInterrupt(record)) return "something-left";
  if (!isInspected(draft, exit.at)) return "unjudged";
  if (isPrComing(record, draft) && ctx.nowMs < at(exit.at) + 2 * INSPECTION_MS) return "unjudged";
  const work = record.work;
  if (workSeenSince(record, exit.at) !== "seen" || work === null) return "something-left";
  const isHandedIn = record.pr.snapshot === null || record.pr.snapshot.state === "merged";
  return !hasNewCommits(record) && work.changedFiles === 0 && isHandedIn ? "nothing-done" : "something-left";
}

function isInspected(draft: Pick<Draft, "record" | "ctx">, since: string): boolean {
  return workSeenSince(draft.record, since) !== null || draft.ctx.nowMs >= at(since) + INSPECTION_MS;
}
