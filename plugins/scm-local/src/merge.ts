import { isoNow } from "@agent-orchestrator/core/host/clock";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { MergeMethod, PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { MergeOptions } from "@agent-orchestrator/core/slots/scm";
import { withRepoLock } from "@agent-orchestrator/plugin-kit/repo-lock";
import type { Proceed } from "@agent-orchestrator/plugin-kit/until-aborted";
import { advanceBase } from "./advance-base.ts";
import { moveBases } from "./bases.ts";
import { contains } from "./branch-facts.ts";
import { amend, type Desk, recordOf, tipsOf } from "./desk.ts";
import { makeMergeCommit } from "./merge-commit.ts";
import type { MergeIntent, PRRecord } from "./records.ts";
import type { Repository } from "./repository.ts";
import { readSnapshot } from "./snapshot.ts";

interface Wish {
  pr: PRInfo;
  method: MergeMethod;
  expectedHeadSha: string | undefined;
  /** Called before the base moves. */
  proceed: Proceed;
}

/** Merges one pull request. Called again after a crash, it finds what was done and finishes it. */
export async function merge(
  desk: Desk,
  pr: PRInfo,
  {
    method,
    options,
    proceed,
  }: { method: MergeMethod | undefined; options: MergeOptions | undefined; proceed: Proceed },
): Promise<void> {
  const repository = await desk.repository();
  const chosen = method ?? desk.options.mergeMethod ?? desk.project.mergeMethod ?? "merge";
  // Two merges at the same time would both be computed from the same old base.
  await withRepoLock(repository.commonDir, () =>
    mergeInTurn(desk, repository, { pr, method: chosen, expectedHeadSha: options?.expectedHeadSha, proceed }),
  );
}

async function mergeInTurn(desk: Desk, repository: Repository, wish: Wish): Promise<void> {
  // Its base may have been merged a moment ago, or before a crash. A merge into it would be lost.
  moveBases(desk, repository.refs);
  const record = recordOf(desk, wish.pr);
  if (record.state === "merged") return;
  if (record.state === "closed") throw refused(record, ["it is closed"]);
  const { base } = tipsOf(repository.refs, record);
  const intent = record.merging;
  if (intent !== null && base !== null && (await contains(repository, base, intent.resultSha))) {
    return finish(desk, repository, { record, intent });
  }
  const isUsable = intent !== null && intent.baseSha === base && intent.method === wish.method;
  const judged = await judge(desk, repository, { record, wish });
  if (judged === null) return;
  const fresh =
    isUsable && intent.headSha === judged.head ? intent : await prepare(desk, repository, { record, wish, ...judged });
  wish.proceed();
  const reason = `ao: merge pull request #${record.number}`;
  await advanceBase(repository, { branch: record.baseBranch, from: fresh.baseSha, to: fresh.resultSha, reason });
  finish(desk, repository, { record, intent: fresh });
}

interface Judged {
  head: string;
  base: string;
}

/** Applies the rules to the current head. Null if it turned out to be merged already. */
async function judge(
  desk: Desk,
  repository: Repository,
  { record, wish }: { record: PRRecord; wish: Wish },
): Promise<Judged | null> {
  const snapshot = await readSnapshot(desk, repository, record);
  if (snapshot.state === "merged") {
    amend(desk, record.number, () => ({ state: "merged", mergedAt: isoNow(desk.context.clock), merging: null }));
    moveBases(desk, repository.refs);
    return null;
  }
  const { headSha, baseSha } = snapshot;
  if (wish.expectedHeadSha !== undefined && wish.expectedHeadSha !== headSha) {
    throw new AoError("REFUSED", `${record.branch} is now at ${headSha.slice(0, 12)}, which was not reviewed`, {
      hint: "Review the new commits, then merge again.",
      details: { expected: wish.expectedHeadSha, head: headSha },
    });
  }
  if (!snapshot.readiness.mergeable || baseSha === null) throw refused(record, snapshot.readiness.blockers);
  return { head: headSha, base: baseSha };
}

async function prepare(
  desk: Desk,
  repository: Repository,
  { record, wish, head, base }: Judged & { record: PRRecord; wish: Wish },
): Promise<MergeIntent> {
  const resultSha = await makeMergeCommit(repository, { record, method: wish.method, head, base });
  const at = isoNow(desk.context.clock);
  const intent = { method: wish.method, headSha: head, baseSha: base, resultSha, at };
  amend(desk, record.number, () => ({ merging: intent }));
  return intent;
}

function finish(desk: Desk, { refs }: Repository, { record, intent }: { record: PRRecord; intent: MergeIntent }): void {
  amend(desk, record.number, () => ({
    state: "merged",
    mergedAt: isoNow(desk.context.clock),
    mergeSha: intent.resultSha,
    mergeMethod: intent.method,
    headSha: intent.headSha,
    merging: null,
  }));
  moveBases(desk, refs);
}

function refused(record: PRRecord, blockers: readonly string[]): AoError {
  return new AoError("REFUSED", `pull request ${record.number} cannot be merged: ${blockers.join("; ")}`, {
    hint: "Run `ao show` to see what it is waiting for.",
    details: { blockers: [...blockers] },
  });
}
