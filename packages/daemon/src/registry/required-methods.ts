import type { Slot } from "@agent-orchestrator/core/slots/common";

/** The methods that an instance needs in its slot. Everything else is an optional capability. */
export const REQUIRED_METHODS: Readonly<Record<Slot, readonly string[]>> = {
  runtime: ["create", "destroy", "sendMessage", "getOutput", "isAlive"],
  agent: ["getLaunchCommand", "getEnvironment"],
  workspace: ["create", "destroy", "list"],
  tracker: ["getIssue", "isCompleted", "issueUrl", "branchName", "generatePrompt"],
  scm: [
    "detectPR",
    "getPRState",
    "mergePR",
    "closePR",
    "getCIChecks",
    "getCISummary",
    "getReviews",
    "getReviewDecision",
    "getPendingComments",
    "getAutomatedComments",
    "getMergeability",
  ],
  notifier: ["notify"],
  terminal: ["openSession", "openAll"],
};

/** Values that are not methods. */
export const REQUIRED_TEXTS: Readonly<Partial<Record<Slot, readonly string[]>>> = { agent: ["processName"] };
