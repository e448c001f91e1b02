import { CAUSE } from "../causes.ts";
import { hasOpenPr, isOver, latest, prName } from "../facts-of.ts";
import { mergesFirst, needsUpdate, WAITS_FOR } from "../merge-order.ts";
import { composeConflicts } from "../message-texts/conflicts.ts";
import { composeGeneric } from "../message-texts/generic.ts";
import { GONE, present, type ReactionRule, UNCLEAR } from "./rule.ts";

/** Sessions whose base has just moved are seen one after the other. None is asked before all of them are known. */
const SETTLE_MS = 10_000;

/** It cannot be merged before its base is merged into it: it conflicts, or is behind. */
export const mergeConflicts: ReactionRule = {
  key: "merge-conflicts",
  detect(record, ctx) {
    const { snapshot: pr, conflict } = record.pr;
    if (pr === null || !hasOpenPr(record)) return GONE;
    const need = needsUpdate(record);
    if (need === null) return pr.hasConflicts === null ? UNCLEAR : GONE;
    const head = pr.headSha.slice(0, 7);
    const problem = {
      // One message for each conflict, whatever the agent commits before it is solved.
      fingerprint: conflict?.headSha ?? pr.headSha,
      because:
        need === "conflict"
          ? `${head} conflicts with ${pr.info.baseBranch}`
          : `${head} must be brought up to date with ${pr.info.baseBranch}`,
    };
    const first = mergesFirst(record, ctx);
    if (first === undefined) return present(problem);
    if (first.id === null) return present({ ...problem, notBeforeMs: latest(conflict?.at) + SETTLE_MS });
    const why = `${WAITS_FOR}${first.id}, which is to merge first`;
    return present({ ...problem, heldFor: { why, untilMs: first.untilMs } });
  },
  compose: composeConflicts,
  notice: "merge.conflicts",
  cause: (record, problem) => `conflicts:${record.pr.snapshot?.info.number}:${problem.fingerprint}`,
  asksScm: true,
  isAboutHead: true,
  hint: (id) => `ao attach ${id}`,
};

export const approvedAndGreen: ReactionRule = {
  key: "approved-and-green",
  detect(record) {
    const { snapshot: pr } = record.pr;
    if (pr === null || record.status !== "mergeable") return GONE;
    return present({
      fingerprint: pr.headSha,
      because: `${prName(pr.info)} "${pr.info.title}" is ready to merge (${pr.headSha.slice(0, 7)})`,
    });
  },
  compose: composeGeneric,
  notice: "merge.ready",
  cause: CAUSE.ready,
  asksScm: true,
};

export const prClosed: ReactionRule = {
  key: "pr-closed",
  detect(record) {
    const { snapshot: pr } = record.pr;
    if (pr?.state !== "closed" || isOver(record)) return GONE;
    return present({
      fingerprint: `${pr.info.number}:${pr.headSha}`,
      because: `${prName(pr.info)} was closed without a merge`,
    });
  },
  compose: composeGeneric,
  notice: "pr.closed",
  cause: CAUSE.closed,
  hint: (id) => `ao kill ${id}`,
};
