import { isAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { SessionRecord } from "../model/session.ts";
import type { ActCall } from "./call.ts";
import { snapshotAfter } from "./pull-request.ts";
import { pushGuard } from "./push-guard.ts";

/** Makes the branch that the agent switched to the session's own, with checkout record, pull request, and what is based on it. */
export async function followBranch(
  call: ActCall,
  branch: string,
  sessions: readonly SessionRecord[],
): Promise<ToldFact[]> {
  const { record, project, signal } = call;
  const reason = whyNotOurs(call, branch, sessions) ?? (await whyNotAdopted(call, branch));
  if (reason !== null) return [{ kind: "branch-refused", branch, reason }];
  const scm = await call.plugins.scm();
  const workspace = await call.plugins.workspace();
  if (record.workspacePath !== null) await workspace.publish?.(record.workspacePath, project, { signal });
  await pushGuard(call, branch);
  await scm.moveBranch?.(record.branch, branch, { signal });
  const facts: ToldFact[] = [{ kind: "branch-followed", branch }];
  return record.pr.snapshot === null ? facts : [...facts, ...(await snapshotAfter(call, scm, record.pr.snapshot.info))];
}

function whyNotOurs({ record, project }: ActCall, branch: string, sessions: readonly SessionRecord[]): string | null {
  if (branch === record.baseBranch || branch === project.defaultBranch) return `${branch} is the base`;
  const other = sessions.find(
    (each) => each.id !== record.id && each.projectId === record.projectId && each.branch === branch,
  );
  return other === undefined ? null : `${branch} is the branch of ${other.id}`;
}

/** Null if the workspace has accepted it as the session's own. */
async function whyNotAdopted(call: ActCall, branch: string): Promise<string | null> {
  const { record, project, signal } = call;
  const workspace = await call.plugins.workspace();
  if (workspace.adoptBranch === undefined || record.workspacePath === null)
    return "its workspace plugin cannot switch branches";
  const isOpen = record.pr.snapshot?.state === "open" || record.pr.snapshot?.state === "draft";
  const { moveBranch } = await call.plugins.scm();
  if (isOpen && moveBranch === undefined)
    return `pull request #${record.pr.snapshot?.info.number} is of ${record.branch}`;
  try {
    await workspace.adoptBranch(record.workspacePath, project, { branch, since: record.createdAt, signal });
    return null;
  } catch (error) {
    if (isAoError(error) && error.code === "REFUSED") return error.message;
    throw error;
  }
}
