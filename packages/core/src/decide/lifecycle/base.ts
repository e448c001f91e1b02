import { at } from "../../model/time.ts";
import { act, type Draft, type FactOf, isOver as hasPassed, note, patch } from "../draft.ts";
import { hasOpenPr, prName } from "../facts-of.ts";
import { askedOf } from "../stacked.ts";
import { tryAgainAt } from "./try-again.ts";

/** What it was based on is merged: it goes over to the base of that, and so does its pull request. */
export function moveBase(draft: Draft, { from, to, pr }: FactOf<"base-merged">): void {
  const { record } = draft;
  if (record.baseBranch !== from) return;
  const move = { from, to, pr, failure: null };
  if (!hasOpenPr(record)) {
    patch(draft, { baseBranch: to, pr: { baseMove: { ...move, asked: null } } });
    note(draft, `It is now based on ${to}: ${prName({ number: pr })} (${from}) was merged.`);
    return;
  }
  const asked = askedOf(record, to);
  if (record.pr.baseMove?.asked === asked) return;
  patch(draft, { pr: { baseMove: { ...move, asked } } });
  act(draft, { kind: "retarget", key: `retarget:${record.id}:${asked}`, to });
}

export function retargetFailed(draft: Draft, { failure, at: when }: FactOf<"effect-failed">): void {
  const { baseMove, snapshot: pr } = draft.record.pr;
  if (!baseMove || pr === null) return;
  const attempts = (baseMove.failure?.attempts ?? 0) + 1;
  const retryAt = tryAgainAt(failure, attempts, at(when));
  const { headSha } = pr;
  patch(draft, {
    pr: { baseMove: { ...baseMove, failure: { headSha, reason: failure.message, at: when, attempts, retryAt } } },
  });
}

/** What the forge could not do for the time being. */
export function retryMove(draft: Draft): void {
  const { record } = draft;
  const { id } = record;
  const { baseMove, snapshot: pr } = record.pr;
  const failure = baseMove?.failure;
  if (!baseMove || !failure?.retryAt || !hasOpenPr(record) || pr?.info.baseBranch !== baseMove.from) return;
  if (!hasPassed(draft, failure.retryAt, 0)) return;
  patch(draft, { pr: { baseMove: { ...baseMove, failure: { ...failure, retryAt: null, isTriedAgain: true } } } });
  const key = `retarget:${id}:${baseMove.asked}:${failure.attempts}`;
  act(draft, { kind: "retarget", key, to: baseMove.to });
}
