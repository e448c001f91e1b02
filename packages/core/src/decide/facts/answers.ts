import type { SessionRecord } from "../../model/session.ts";
import { at } from "../../model/time.ts";
import { updateActivity } from "../activity.ts";
import { act, type Draft, type FactOf, isOver, patch } from "../draft.ts";

/** An agent that has shown nothing new this long after an answer is taken at its old word: the question is open. */
export const ANSWER_SHOWS_MS = 15_000;

export function requestAnswer(draft: Draft, fact: FactOf<"wish-answer">): void {
  const { dialogId, choice, number, isAlways, wishId } = fact;
  // Whether that dialog is still open is looked at last of all, where the answer goes in.
  const key = `answer:${draft.record.id}:${wishId}`;
  act(draft, { kind: "answer", key, wishId, dialogId, choice, number, isAlways });
}

/** The question makes way for what the agent says next; until then it goes on with its turn. */
export function applyAnswered(draft: Draft, fact: FactOf<"answered">): void {
  const { wishId, dialogId, choice } = fact;
  const claims = Object.entries(draft.record.claims ?? {});
  const claim = claims.find(([, each]) => each?.dialog?.id === dialogId)?.[1] ?? null;
  patch(draft, { answered: { wishId, dialogId, choice, at: fact.at, claim } });
  if (claim === null) return;
  const { question: _, dialog: __, ...rest } = claim;
  replace(draft, { ...rest, state: "active", since: fact.at, evidence: "you answered its question" });
}

/** What the agent itself says of its activity settles what it was answered. */
export function settleByActivity(draft: Draft, fact: FactOf<"activity">): void {
  if (fact.isWhole === true || fact.activity.source === draft.record.answered?.claim?.source) settleAnswer(draft);
}

export function settleAnswer(draft: Draft): void {
  const { answered } = draft.record;
  if (answered?.claim) patch(draft, { answered: { ...answered, claim: null } });
}

/** The answer changed nothing that anybody could see: the question stands again, and is news. */
export function reopenUnanswered(draft: Draft): void {
  const { answered } = draft.record;
  if (!answered?.claim || !isOver(draft, at(answered.at), ANSWER_SHOWS_MS)) return;
  const { claim } = answered;
  settleAnswer(draft);
  replace(draft, { ...claim, since: draft.now, evidence: `${claim.evidence}; it is still open after an answer` });
}

function replace(draft: Draft, claim: NonNullable<SessionRecord["activity"]>): void {
  patch(draft, { claims: { ...draft.record.claims, [claim.source]: claim } });
  updateActivity(draft);
}
