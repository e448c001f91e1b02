import type { SessionRecord } from "../model/session.ts";
import type { Session } from "../slots/common.ts";
import type { SessionPaths } from "../slots/session-plugins.ts";

/** Returns a record as plugins see it. */
export function toPluginSession(record: SessionRecord, paths: SessionPaths): Session {
  return {
    id: record.id,
    projectId: record.projectId,
    status: record.status,
    activity: record.activity,
    branch: record.branch,
    issueId: record.task.issue?.id ?? null,
    pr: record.pr.snapshot?.info ?? null,
    workspacePath: record.workspacePath,
    runtimeHandle: handleOf(record.launch.last),
    agentName: record.agent,
    agentSessionId: record.launch.agentSessionId,
    agentConfig: record.agentOptions,
    sessionDir: paths.sessionDir,
    createdAt: record.createdAt,
    launch: record.launch.last?.number ?? 0,
    metadata: record.extra,
  };
}

/** Adds the process that the runtime reported at the launch. An agent finds its own files by it. */
function handleOf(launch: SessionRecord["launch"]["last"]): Session["runtimeHandle"] {
  if (launch === null || launch.handle === null) return null;
  const { handle, pid, startId } = launch;
  return pid === null || startId === null ? handle : { ...handle, data: { pid, startId, ...handle.data } };
}
