import { expect, it } from "vitest";
import { isWorkedOut, judgeReadiness } from "./readiness.ts";
import type { PullRequestNode } from "./responses.ts";

const judge = (states: Pick<PullRequestNode, "mergeable" | "mergeStateStatus">) => {
  const node = { state: "OPEN", isDraft: false, baseRefName: "main", ...states } as PullRequestNode;
  const seen = { ci: "passing", checks: [], review: "approved", comments: [], ownApproval: null } as const;
  return { isWorkedOut: isWorkedOut(node), ...judgeReadiness({ node, ...seen }) };
};

const UNKNOWN = "GitHub is still working out whether it conflicts";

it.each([
  ["MERGEABLE", "CLEAN", []],
  ["MERGEABLE", "UNKNOWN", [UNKNOWN]],
  ["UNKNOWN", "CLEAN", [UNKNOWN]],
  ["CONFLICTING", "UNKNOWN", ["it conflicts with main"]],
  ["MERGEABLE", "BLOCKED", ["the rules of main on GitHub are not met yet"]],
] as const)("%s and %s: what is in the way is %j", (mergeable, mergeStateStatus, blockers) => {
  expect(judge({ mergeable, mergeStateStatus })).toMatchObject({
    isWorkedOut: !(blockers as readonly string[]).includes(UNKNOWN),
    mergeable: blockers.length === 0,
    blockers,
  });
});
