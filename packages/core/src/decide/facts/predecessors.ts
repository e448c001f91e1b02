import type { Predecessor } from "../../model/predecessor.ts";
import { type Draft, type FactOf, patch } from "../draft.ts";

export function meetPredecessor(draft: Draft, { of, at }: FactOf<"predecessor-met">): void {
  change(draft, ({ session, issue }) =>
    session === of.session && issue === of.issue ? { metAt: at, problem: null } : {},
  );
}

export function applyIssue(draft: Draft, fact: FactOf<"issue-seen">): void {
  change(draft, ({ issue }) => {
    if (issue !== fact.issue) return {};
    return fact.isClosed ? { metAt: fact.at, problem: null } : { problem: fact.problem, isGone: fact.isGone };
  });
}

export function waitNoMore(draft: Draft, { at }: FactOf<"wish-not-wait">): void {
  change(draft, () => ({ metAt: at }));
}

function change(draft: Draft, changes: (one: Predecessor) => Partial<Predecessor>): void {
  const { after = [] } = draft.record;
  const next = after.map((one) => (one.metAt === null ? { ...one, ...changes(one) } : one));
  if (after.length > 0) patch(draft, { after: next });
}
