import { ownContext } from "@agent-orchestrator/core/decide/context";
import { resolveReactions } from "@agent-orchestrator/core/model/config-reactions";
import type { SessionFact } from "@agent-orchestrator/core/model/fact";
import { newLife } from "@agent-orchestrator/core/model/new-life";
import type { NotifyPolicy } from "@agent-orchestrator/core/model/notice";
import type { Bounds, DecideContext, Limits, Policy } from "@agent-orchestrator/core/model/policy";
import type { CICheck, PRSnapshot, Review, ReviewComment } from "@agent-orchestrator/core/model/pull-request";
import { type RecordChanges, withChanges } from "@agent-orchestrator/core/model/record-changes";
import type { SessionRecord, Work } from "@agent-orchestrator/core/model/session";
import type { Priority } from "@agent-orchestrator/core/model/status";

/** Data for tests of decisions: the smallest valid values, with a test's own changes. */

export const T0 = Date.parse("2026-01-01T00:00:00.000Z");
/** The ISO time `ms` after the start of the test. */
export const iso = (ms = 0): string => new Date(T0 + ms).toISOString();

export function aRecord(changes: RecordChanges = {}): SessionRecord {
  const record: SessionRecord = {
    id: "app-1",
    projectId: "my-app",
    instanceId: "0123456789ab",
    createdAt: iso(),
    task: { issue: { id: "42", title: "Make it fast", url: "file:///app/.ao/issues/42.md" }, prompt: null },
    agent: "command",
    runtime: "tmux",
    workspace: "worktree",
    agentOptions: {},
    branch: "feat/42",
    useExistingBranch: false,
    baseBranch: null,
    ...newLife(iso()),
    statusRule: "queued",
  };
  return withChanges(record, changes);
}

export function aPolicy(changes: Partial<Policy> = {}): Policy {
  return {
    reactions: resolveReactions(),
    readyThresholdMs: 300_000,
    ciNoneAfterMs: 300_000,
    ciRerun: 1,
    ciFlaky: [],
    cleanupMs: {
      merged: 3_600_000,
      done: 604_800_000,
      closed: 604_800_000,
      killed: 1_209_600_000,
      errored: 1_209_600_000,
    },
    trustedBots: [],
    openPr: "turn-end",
    draft: false,
    replyOnFix: false,
    isRemote: false,
    mergeMethod: null,
    canMergePinned: true,
    closeIssueOnMerge: true,
    claimIssue: false,
    stageIssue: false,
    agent: { lifetime: "interactive", receipts: "always", canResume: true },
    isPaused: false,
    handsOffMs: 600_000,
    ...changes,
  };
}

/** These priorities go to one channel, at any time. */
export function routed(...priorities: Priority[]): NotifyPolicy {
  const to = (priority: Priority) => (priorities.includes(priority) ? ["memory#1"] : []);
  const channels = { urgent: to("urgent"), action: to("action"), warning: to("warning"), info: to("info") };
  return { channels, quiet: null, reminders: [] };
}

/** Limits with only a few set. */
export function someLimits(set: { usd?: Partial<Bounds>; tokens?: Partial<Bounds>; reactions?: number }): Limits {
  const none: Bounds = { session: null, project: null, day: null, dayOfAll: null };
  return { usd: { ...none, ...set.usd }, tokens: { ...none, ...set.tokens }, reactions: set.reactions ?? null };
}

/** The context `ms` after the start, watched from the start. */
export function aContext(ms = 0, policy: Partial<Policy> = {}): DecideContext {
  return ownContext({ policy: aPolicy(policy), nowMs: T0 + ms, watchedSinceMs: T0 });
}

export const HEAD = "a".repeat(40);
export const HEAD2 = "b".repeat(40);

export function aPr(changes: Partial<PRSnapshot> = {}): PRSnapshot {
  return {
    info: {
      number: 7,
      url: "ao://my-app/7",
      title: "Make it fast",
      owner: "me",
      repo: "my-app",
      branch: "feat/42",
      baseBranch: "main",
      isDraft: false,
    },
    state: "open",
    headSha: HEAD,
    baseSha: "c".repeat(40),
    ci: "pending",
    checks: [],
    review: "pending",
    reviews: [],
    comments: [],
    botComments: [],
    hasConflicts: false,
    readiness: { mergeable: true, ciPassing: true, approved: true, noConflicts: true, blockers: [] },
    touchesGuardedFiles: false,
    ...changes,
  };
}

export const aCheck = (changes: Partial<CICheck> = {}): CICheck => ({
  name: "test",
  status: "failed",
  attempt: 1,
  ...changes,
});

export const aReview = (changes: Partial<Review> = {}): Review => ({
  id: "r1",
  author: "ann",
  state: "changes_requested",
  body: "Please name it better.",
  submittedAt: iso(),
  headSha: HEAD,
  isTrusted: true,
  ...changes,
});

export const aComment = (changes: Partial<ReviewComment> = {}): ReviewComment => ({
  id: "c1",
  author: "ann",
  body: "Why twice?",
  path: "src/a.js",
  line: 3,
  isResolved: false,
  createdAt: iso(),
  url: "ao://my-app/7#c1",
  isTrusted: true,
  ...changes,
});

export const aWork = (changes: Partial<Work> = {}): Work => ({
  branch: "feat/42",
  headSha: HEAD,
  commitsAhead: 0,
  changedFiles: 0,
  unpushedCommits: 0,
  operation: null,
  at: iso(),
  ...changes,
});

/** The facts of a successful start, `ms` after the start of the test. */
export function startFacts(ms = 0, launch = 1): SessionFact[] {
  return [
    {
      kind: "workspace-ready",
      at: iso(ms),
      path: "/home/me/w/app-1",
      branch: "feat/42",
      baseBranch: "main",
      baseSha: "c".repeat(40),
      baseNote: "from main",
      notes: [],
    },
    {
      kind: "launched",
      at: iso(ms),
      launch,
      handle: { id: "app-1", runtimeName: "tmux", data: {} },
      pid: 100 + launch,
      startId: `boot:${launch}`,
      isReady: true,
    },
  ];
}
