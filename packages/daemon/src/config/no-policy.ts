import { resolveReactions } from "@agent-orchestrator/core/model/config-reactions";
import { READY_THRESHOLD_MS } from "@agent-orchestrator/core/model/policy";
import { ReactionKey } from "@agent-orchestrator/core/model/reaction";
import type { PolicyInput } from "./instance.ts";

const DEFAULTS = resolveReactions();

/** For sessions without a config in force: nothing is started, sent, merged or removed automatically, and problems are reported. */
export const NO_POLICY: PolicyInput = {
  reactions: Object.fromEntries(
    ReactionKey.options.map((key) => [key, { ...DEFAULTS[key], auto: false, action: "notify" }]),
  ) as PolicyInput["reactions"],
  readyThresholdMs: READY_THRESHOLD_MS,
  ciNoneAfterMs: 5 * 60_000,
  ciRerun: 0,
  ciFlaky: [],
  cleanupMs: { merged: null, done: null, closed: null, killed: null, errored: null },
  trustedBots: [],
  openPr: "manual",
  draft: false,
  replyOnFix: false,
  isRemote: false,
  mergeMethod: null,
  closeIssueOnMerge: false,
  claimIssue: false,
  stageIssue: false,
  handsOffMs: 10 * 60_000,
};
