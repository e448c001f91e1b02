import { at as msOf } from "../../model/time.ts";
import { act, type Draft, type FactOf, note, patch } from "../draft.ts";
import { applyPr } from "../facts/world.ts";
import { hasOpenPr, isOver, prName } from "../facts-of.ts";
import { CONTINUE_PR, composeTaken } from "../message-texts/taken.ts";
import { queueMessage } from "../messages.ts";

/** `ao claim`: a session whose agent rests goes over to an existing pull request. */
export function requestTakeOver(draft: Draft, { pr, branch, at }: FactOf<"wish-claim">): void {
  const { record } = draft;
  if (isOver(record) || record.launch.stopping || record.workspacePath === null || hasOpenPr(record)) return;
  act(draft, { kind: "take-pr", key: `take-pr:${record.id}:${pr.number}:${at}`, pr, branch });
}

/** It is on the branch of that pull request, whose present state is where its episodes begin. */
export function finishTakeOver(draft: Draft, fact: FactOf<"pr-taken">): void {
  const { snapshot, branch, at } = fact;
  const { info } = snapshot;
  patch(draft, { pr: { taken: { info, at } }, baseBranch: info.baseBranch });
  goOver(draft, fact);
  applyPr(draft, { snapshot, at });
  if (info.fork !== undefined) {
    note(draft, `${prName(info)} comes from ${info.fork}: what is committed on ${branch} cannot be pushed to it.`);
  }
  // The first words of a new session say it all.
  if (draft.record.launch.hasStarted !== true) return;
  const text = `${composeTaken(fact, draft.ctx.policy.trustedBots)}\n\nYour checkout is on its branch now. ${CONTINUE_PR}`;
  const id = `${draft.record.id}-pr-${info.number}-${msOf(at)}`;
  queueMessage(draft, { id, text, isUrgent: false, origin: "system", reaction: null }, at);
}

/** What was last known of the checkout is older than this. */
function goOver(draft: Draft, { branch, snapshot, at }: FactOf<"pr-taken">): void {
  const { record } = draft;
  if (branch === record.branch) return;
  const work = record.work === null ? null : { ...record.work, branch, headSha: snapshot.headSha, at };
  note(draft, `Its branch is ${branch} now; it was ${record.branch}.`);
  patch(draft, { branch, useExistingBranch: true, work, stray: null, pr: { askedFor: null, openFailure: null } });
}
