import type { SessionRecord } from "../model/session.ts";
import type { SessionView } from "../model/session-view.ts";
export function toSessionView(r: SessionRecord): SessionView {
  return {
    id: r.id,
    projectId: r.projectId,
    status: r.status,
    activity: r.activity,
    attention: r.attention,
    agent: r.agent,
    runtime: r.runtime,
    branch: r.branch,
    issue: r.task.issue,
    pr:
      r.pr === null
        ? null
        : {
            number: r.pr.info.number,
            url: r.pr.info.url,
            state: r.pr.state,
            ci: r.pr.ci,
            review: r.pr.review,
            mergeable: r.pr.readiness.mergeable,
            headSha: r.pr.headSha,
          },
    workspacePath: r.workspacePath,
    createdAt: r.createdAt,
    lastActivityAt: r.lastActivityAt,
    summary: r.summary,
    cost: null,
    instanceId: r.instanceId,
    group: "working",
    isArchived: r.isArchived,
    isPaused: r.isPaused,
    pid: r.launch?.pid ?? null,
    queuedFor: r.queuedFor,
    baseNote: r.baseNote,
    notes: r.notes,
    messages: r.messages.map((m) => ({ ...m, failure: m.failure?.message ?? null })),
  };
}
