import { approveRun, cancelRun, jobsOf, rerun, runState } from "../domain/actions.ts";
import { type Answer, accepted, byId, type Call, countedPage, created, ok } from "../http/call.ts";
import { notFound } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Job, WorkflowRun } from "../model/checks.ts";
import { jobView, runView, workflowView } from "../views/checks.ts";

const R = "/repos/{owner}/{repo}/actions";
const READ = "actions:read";
const WRITE = "actions:write";

const runOf = (call: Call): WorkflowRun => byId(call.repo.runs, call.params.run_id);
const jobOf = (call: Call): Job =>
  byId(
    call.repo.runs.flatMap(({ jobs }) => jobs),
    call.params.job_id,
  );
const shown = async (call: Call, run: WorkflowRun) => runView(call.urls, run, await call.repo.git.commit(run.sha));

async function listRuns(call: Call, runs: WorkflowRun[]): Promise<Answer> {
  const get = (name: string) => call.query.get(name);
  const [branch, event, status, sha, actor, suite] = [
    get("branch"),
    get("event"),
    get("status"),
    get("head_sha"),
    get("actor"),
    get("check_suite_id"),
  ];
  const found = runs.filter((run) => {
    const state = runState(run);
    return (
      (branch === null || run.branch === branch) &&
      (event === null || run.event === event) &&
      (status === null || state.status === status || state.conclusion === status) &&
      (sha === null || run.sha === sha) &&
      (actor === null || run.actor.login === actor) &&
      (suite === null || run.suite.id === Number(suite))
    );
  });
  const commits = new Map(
    await Promise.all(found.map(async (run) => [run, await call.repo.git.commit(run.sha)] as const)),
  );
  const show = (run: WorkflowRun) => runView(call.urls, run, commits.get(run) as never);
  return countedPage(call, found.reverse(), { key: "workflow_runs", show });
}

function workflowOf(call: Call) {
  const id = call.params.workflow_id ?? "";
  const found = call.repo.workflows.find((workflow) => String(workflow.id) === id || workflow.path.endsWith(`/${id}`));
  if (found === undefined) throw notFound();
  return found;
}

function listJobs(call: Call, jobs: Job[]): Answer {
  return countedPage(call, jobs, { key: "jobs", show: (job) => jobView(call.urls, job) });
}

/** Logs are on another host: the API only redirects there, for a minute. */
function logRedirect(call: Call, path: string): Answer {
  const expires = Math.floor(call.world.now() / 1000) + 60;
  return { status: 302, headers: { location: `${call.urls.html}/_storage/${path}?expires=${expires}` } };
}

export const actionRoutes: Route[] = [
  route(`GET ${R}/runs`, READ, (call) => listRuns(call, [...call.repo.runs])),
  route(`GET ${R}/runs/{run_id}`, READ, async (call) => ok(await shown(call, runOf(call)))),
  route(`GET ${R}/runs/{run_id}/jobs`, READ, (call) => {
    const run = runOf(call);
    return listJobs(call, call.query.get("filter") === "all" ? run.jobs : jobsOf(run));
  }),
  route(`GET ${R}/runs/{run_id}/attempts/{attempt_number}`, READ, async (call) => {
    const run = runOf(call);
    const attempt = Number(call.params.attempt_number);
    if (jobsOf(run, attempt).length === 0) throw notFound();
    return ok({ ...(await shown(call, run)), run_attempt: attempt });
  }),
  route(`GET ${R}/runs/{run_id}/attempts/{attempt_number}/jobs`, READ, (call) =>
    listJobs(call, jobsOf(runOf(call), Number(call.params.attempt_number))),
  ),
  route(`GET ${R}/runs/{run_id}/logs`, READ, (call) =>
    logRedirect(call, `run/${runOf(call).id}/${runOf(call).attempt}.zip`),
  ),
  route(`POST ${R}/runs/{run_id}/approve`, WRITE, (call) => {
    approveRun(call.world, runOf(call));
    return created({});
  }),
  route(`POST ${R}/runs/{run_id}/cancel`, WRITE, (call) => {
    cancelRun(call.world, runOf(call));
    return accepted({});
  }),
  route(`POST ${R}/runs/{run_id}/rerun`, WRITE, (call) => {
    rerun(call.world, runOf(call), "all");
    return created({});
  }),
  route(`POST ${R}/runs/{run_id}/rerun-failed-jobs`, WRITE, (call) => {
    rerun(call.world, runOf(call), "failed");
    return created({});
  }),
  route(`GET ${R}/jobs/{job_id}`, READ, (call) => ok(jobView(call.urls, jobOf(call)))),
  route(`GET ${R}/jobs/{job_id}/logs`, READ, (call) => {
    const job = jobOf(call);
    // There is no log before the job's end.
    if (job.check.status !== "completed") throw notFound();
    return logRedirect(call, `job/${job.id}.txt`);
  }),
  route(`POST ${R}/jobs/{job_id}/rerun`, WRITE, (call) => {
    const job = jobOf(call);
    rerun(call.world, job.run, job);
    return created({});
  }),
  route(`GET ${R}/workflows`, READ, (call) =>
    countedPage(call, call.repo.workflows, {
      key: "workflows",
      show: (workflow) => workflowView(call.urls, call.repo, workflow),
    }),
  ),
  route(`GET ${R}/workflows/{workflow_id}`, READ, (call) => ok(workflowView(call.urls, call.repo, workflowOf(call)))),
  route(`GET ${R}/workflows/{workflow_id}/runs`, READ, (call) => {
    const workflow = workflowOf(call);
    return listRuns(
      call,
      call.repo.runs.filter((run) => run.workflow === workflow),
    );
  }),
];
