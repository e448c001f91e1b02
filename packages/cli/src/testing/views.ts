import type { SessionView } from "@agent-orchestrator/core/model/session-view";

export const NOW = "2026-01-02T03:04:05.000Z";

/** A session as the daemon would report it. */
export function view(more: Partial<SessionView> = {}): SessionView {
  return {
    id: "app-1",
    projectId: "my-app",
    status: "working",
    activity: { state: "active", since: NOW, source: "process" },
    attention: null,
    agent: "command",
    formerAgents: [],
    runtime: "tmux",
    branch: "feat/42",
    issue: { id: "42", title: "Fix the login", url: "file:///issues/42.md" },
    pr: null,
    workspacePath: "/tree/app-1",
    createdAt: NOW,
    lastActivityAt: NOW,
    summary: null,
    cost: null,
    instanceId: "0123456789ab",
    group: "working",
    statusSince: NOW,
    removalAt: null,
    because: "the agent is working",
    next: null,
    question: null,
    snoozedUntil: null,
    permissions: null,
    held: [],
    heldComments: 0,
    leftRunning: [],
    isArchived: false,
    isPaused: false,
    pid: 4242,
    queuedFor: null,
    after: [],
    baseNote: null,
    baseBranch: null,
    formerPrs: [],
    notes: [],
    messages: [],
    ...more,
    ...(more.next === undefined && more.attention ? { next: more.attention.hint } : {}),
  };
}

const NOTHING = { usd: 0, knownUsd: 0, tokens: 0, unpriced: [], sessions: 0 };
export const META = {
  notices: [],
  counts: {},
  limits: { running: 1, max: 10 },
  cost: { day: "2026-01-02", today: NOTHING, projects: [] },
  generatedAt: NOW,
};
