import { CAUSE } from "../causes.ts";
import { composeConflicts } from "../compose/conflicts.ts";
import { composeGeneric } from "../compose/generic.ts";
import { hasOpenPr, isOver, prName } from "../facts-of.ts";
import { GONE, present, type ReactionRule, UNCLEAR } from "./rule.ts";

export const mergeConflicts: ReactionRule = {
  key: "merge-conflicts",
  detect({ pr, ...record }) {
    if (pr === null || !hasOpenPr({ ...record, pr })) return GONE;
    if (pr.hasConflicts === null) return UNCLEAR;
    if (!pr.hasConflicts) return GONE;
    return present({
      // One message for each conflict, whatever the agent commits before it is solved.
      fingerprint: record.conflict?.headSha ?? pr.headSha,
      because: `${pr.headSha.slice(0, 7)} conflicts with ${pr.info.baseBranch}`,
    });
  },
  compose: composeConflicts,
  notice: "merge.conflicts",
  cause: (record, problem) => `conflicts:${record.pr?.info.number}:${problem.fingerprint}`,
  asksScm: true,
  isAboutHead: true,
};

export const approvedAndGreen: ReactionRule = {
  key: "approved-and-green",
  detect(record) {
    const { pr } = record;
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
    const { pr } = record;
    if (pr?.state !== "closed" || isOver(record)) return GONE;
    return present({
      fingerprint: `${pr.info.number}:${pr.headSha}`,
      because: `${prName(pr.info)} was closed without a merge`,
    });
  },
  compose: composeGeneric,
  notice: "pr.closed",
  cause: CAUSE.closed,
};
