import { HOSTILE } from "@agent-orchestrator/testkit/variants";

const CHECK = {
  ...{ name: HOSTILE, conclusion: null, startedAt: null, completedAt: null, durationMs: null, url: null },
  ...{ isRequired: false, failsOnBase: null, problem: null, excerpt: null },
};
/** What `ao show` and `ao checks` may have to print. */
export const CHECK_ROWS = ["pending", "running", "passed", "failed", "skipped"].flatMap((status) => [
  { ...CHECK, status },
  { ...CHECK, status, conclusion: HOSTILE, url: HOSTILE, durationMs: 5, failsOnBase: true, excerpt: HOSTILE },
  { ...CHECK, status, problem: HOSTILE, isRequired: true, excerpt: "" },
]);
