import { failpoint } from "../host/failpoint.ts";
import { AoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { PRInfo } from "../model/pull-request.ts";
import type { ActCall } from "./call.ts";
import { pushGuard } from "./push-guard.ts";

interface Taking {
  pr: PRInfo;
  /** The branch of the project's repository on which it is continued. */
  branch: string;
}

/** An existing pull request as it is when a session takes it over. */
export type TakenNow = Extract<ToldFact, { kind: "pr-taken" }>;

/** The session's checkout goes over to the branch of an existing pull request. */
export async function takePr(call: ActCall, { pr, branch }: Taking): Promise<ToldFact[]> {
  const { record, project, signal } = call;
  if (branch !== record.branch) {
    const workspace = await call.plugins.workspace();
    if (workspace.switchBranch === undefined || record.workspacePath === null)
      throw new AoError("REFUSED", `the workspace plugin ${record.workspace} cannot switch to another branch`);
    await bringBranch(call, { pr, branch });
    failpoint("take-pr.fetched");
    await workspace.switchBranch(record.workspacePath, project, { branch, signal });
    await pushGuard(call, branch);
    failpoint("take-pr.switched");
  }
  return [await readTaken(call, { pr, branch })];
}

/** Its newest commit, as a branch of the project's repository. */
export async function bringBranch({ plugins, project, signal }: ActCall, { pr, branch }: Taking): Promise<void> {
  const scm = await plugins.scm();
  if (scm.fetchPR === undefined)
    throw new AoError("UNAVAILABLE", `the scm plugin ${project.scm.plugin} cannot fetch pull requests`);
  await scm.fetchPR(pr, branch, { signal });
}

/** What it says now: both what the agent is told, and what the session goes on from. */
export async function readTaken({ plugins, signal }: ActCall, { pr, branch }: Taking): Promise<TakenNow> {
  const scm = await plugins.scm();
  const [snapshot] = (await scm.getSnapshots?.([pr], { signal, isWoken: true })) ?? [];
  if (!snapshot) throw new AoError("UNREACHABLE", `PR ${pr.number} could not be read`, { hint: "Try again." });
  if (snapshot.state !== "open" && snapshot.state !== "draft")
    throw new AoError("REFUSED", `PR ${pr.number} is ${snapshot.state} now, so there is nothing to take over`);
  const summary = await scm.getPRSummary?.(pr, { signal });
  return { kind: "pr-taken", snapshot, branch, body: summary?.body ?? "" };
}
