import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { isClosed } from "./issue.ts";

/** It is closed, somebody else's, or given to another agent. */
export async function findObstacles(desk: Desk, issue: Issue, options?: CallOptions): Promise<string[]> {
  const { assignee, assigneeId, delegate, delegateId } = issue;
  const me = assigneeId === undefined && delegateId === undefined ? null : await desk.me(options);
  return [
    isClosed(issue) && `it is ${issue.state}`,
    assigneeId !== undefined && assigneeId !== me?.id && `it is assigned to ${assignee}`,
    delegateId !== undefined && delegateId !== me?.id && `it is delegated to ${String(delegate)}`,
  ].filter((reason) => typeof reason === "string");
}
