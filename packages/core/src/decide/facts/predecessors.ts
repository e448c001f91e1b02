import type { SessionFact } from "../../model/fact.ts";
import type { Predecessor } from "../../model/predecessor.ts";
import { type Draft, patch } from "../draft.ts";

export function applyPredecessorFact(draft: Draft, fact: SessionFact): void {
  switch (fact.kind) {
    case "predecessor-met":
      change(draft, ({ session, issue }) =>
        session === fact.of.session && issue === fact.of.issue ? { metAt: fact.at, problem: null } : {},
      );
      return;
    case "issue-seen":
      change(draft, ({ issue }) => {
        if (issue !== fact.issue) return {};
        return fact.isClosed ? { metAt: fact.at, problem: null } : { problem: fact.problem, isGone: fact.isGone };
      });
      return;
    case "wish-not-wait":
      change(draft, () => ({ metAt: fact.at }));
      return;
    default:
  }
}

function change(draft: Draft, changes: (one: Predecessor) => Partial<Predecessor>): void {
  const { after = [] } = draft.record;
  const next = after.map((one) => (one.metAt === null ? { ...one, ...changes(one) } : one));
  if (after.length > 0) patch(draft, { after: next });
}
