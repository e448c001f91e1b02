import { AoError } from "@agent-orchestrator/core/model/errors";
import type { CICheck } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { target } from "./scm.ts";

/** Runs failing jobs of Actions again. GitHub takes one request for each workflow run, so several of one are its failed jobs. */
export async function rerunChecks(desk: Desk, checks: readonly CICheck[], options?: CallOptions): Promise<void> {
  options?.signal?.throwIfAborted();
  const { actions } = desk.github.rest;
  const jobs = new Map<number, number[]>();
  for (const { name, workflowRunId, checkRunId } of checks) {
    if (typeof workflowRunId !== "number" || typeof checkRunId !== "number") {
      throw new AoError("REFUSED", `${name} is not a job of GitHub Actions, so it can't be run again from here`);
    }
    jobs.set(workflowRunId, [...(jobs.get(workflowRunId) ?? []), checkRunId]);
  }
  for (const [run_id, [job_id, ...others]] of jobs) {
    const where = target(desk, options);
    await desk.github.say("run a check again", () =>
      job_id !== undefined && others.length === 0
        ? actions.reRunJobForWorkflowRun({ ...where, job_id })
        : actions.reRunWorkflowFailedJobs({ ...where, run_id }),
    );
  }
}
