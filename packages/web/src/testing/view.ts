import type { SessionView } from "@agent-orchestrator/core/model/session-view";

const AT = "2026-01-02T03:04:05.000Z";

/** A working session without a pull request, and what is different about this one. */
export const view = (more: Partial<SessionView> = {}): SessionView => ({
  id: "app-1",
  projectId: "app",
  status: "working",
  activity: { state: "active", since: AT, source: "hook" },
  attention: null,
  agent: "command",
  runtime: "process",
  formerAgents: [],
  branch: "feat/1",
  issue: { id: "1", title: "Fix the login", url: "file:///1.md" },
  pr: null,
  workspacePath: "/w",
  createdAt: AT,
  lastActivityAt: AT,
  summary: null,
  cost: null,
  instanceId: "one",
  group: "working",
  statusSince: AT,
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
  pid: 1,
  queuedFor: null,
  after: [],
  baseNote: null,
  baseBranch: "main",
  formerPrs: [],
  notes: [],
  messages: [],
  ...more,
});

export const pr: NonNullable<SessionView["pr"]> = {
  number: 7,
  url: "https://example.invalid/7",
  state: "open",
  ci: "passing",
  review: "approved",
  mergeable: true,
  headSha: "0123456789abcdef",
  baseBranch: "main",
  hasConflicts: false,
  asOf: AT,
};

export const question: NonNullable<SessionView["question"]> = {
  dialogId: "d1",
  kind: "permission",
  text: "May I?",
  choices: ["Yes", "No"],
  takesText: false,
  canAlways: false,
  onlyInTerminal: null,
};
