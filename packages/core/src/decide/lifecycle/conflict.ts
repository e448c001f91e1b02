import type { PRSnapshot } from "../../model/pull-request.ts";
import type { SessionRecord } from "../../model/session.ts";
import { type Draft, patch } from "../draft.ts";
import { hasOpenPr } from "../facts-of.ts";
import { needsUpdate } from "../merge-order.ts";

/**
 * A conflict, or a branch that is behind, is the same one until it is gone, whatever is committed meanwhile: its agent is told of it once. After a turn in which
 * both sides have moved, it is another one.
 */
export function followConflict(draft: Draft): void {
  const { record } = draft;
  const { snapshot: pr, conflict = null } = record.pr;
  const need = needsUpdate(record);
  if (pr === null || !hasOpenPr(record) || (need === null && pr.hasConflicts === false)) {
    if (conflict !== null) patch(draft, { pr: { conflict: null, conflictDetails: null } });
    return;
  }
  if (need === null) return;
  if (conflict === null || isAnother(record, pr)) {
    patch(draft, { pr: { conflict: { headSha: pr.headSha, baseSha: pr.baseSha, at: draft.now } } });
  }
}

function isAnother({ turnStartedAt, pr: { conflict } }: SessionRecord, { headSha, baseSha }: PRSnapshot): boolean {
  return conflict?.headSha !== headSha && conflict?.baseSha !== baseSha && turnStartedAt === null;
}
