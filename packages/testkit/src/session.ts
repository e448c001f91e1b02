import type { Session } from "@agent-orchestrator/core/slots/common";

/** A session as plugins see it. */
export function pluginSession(overrides: Partial<Session> = {}): Session {
  return {
    id: "app-1",
    projectId: "app",
    status: "working",
    activity: null,
    branch: "feat/1",
    issueId: "1",
    pr: null,
    workspacePath: null,
    runtimeHandle: null,
    agentName: "command",
    agentSessionId: null,
    agentConfig: {},
    sessionDir: "/nowhere",
    createdAt: "2026-01-01T00:00:00.000Z",
    launch: 1,
    metadata: {},
    ...overrides,
  };
}
