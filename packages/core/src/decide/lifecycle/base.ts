import { act, type Draft, type FactOf, note, patch } from "../draft.ts";
import { hasOpenPr, prName } from "../facts-of.ts";
import { askedOf } from "../stacked.ts";

/** What it was based on is merged: it goes over to the base of that, and so does its pull request. */
export function moveBase(draft: Draft, { from, to, pr }: FactOf<"base-merged">): void {
  const { record } = draft;
  if (record.baseBranch !== from) return;
  const move = { from, to, pr, failure: null };
  if (!hasOpenPr(record)) {
    patch(draft, { baseBranch: to, baseMove: { ...move, asked: null } });
    note(draft, `It is now based on ${to}: ${prName({ number: pr })} (${from}) was merged.`);
    return;
  }
  const asked = askedOf(record, to);
  if (record.baseMove?.asked === asked) return;
  patch(draft, { baseMove: { ...move, asked } });
  act(draft, { kind: "retarget", key: `retarget:${record.id}:${asked}`, to });
}

export function retargetFailed(draft: Draft, reason: string): void {
  const { baseMove } = draft.record;
  if (baseMove) patch(draft, { baseMove: { ...baseMove, failure: reason } });
}
