import { Refusal } from "../http/failure.ts";
import type { Account } from "../model/accounts.ts";
import type { Conclusion, Job, Step, Workflow, WorkflowRun } from "../model/checks.ts";
import type { Repo } from "../model/repo.ts";
import type { World } from "../world.ts";
import { addCheck, addSuite, suiteState, updateCheck } from "./checks.ts";

export interface NewJob {
  name: string;
  /** Names of its steps, between GitHub's own "Set up job" and "Complete job". */
  steps?: string[];
}

export interface NewRun {
  workflow?: string;
  sha: string;
  branch: string;
  event?: string;
  actor: Account;
  title?: string;
  jobs: NewJob[];
  awaitsApproval?: boolean;
}

export function workflowNamed(world: World, repo: Repo, name: string): Workflow {
  const known = repo.workflows.find((workflow) => workflow.name === name);
  if (known !== undefined) return known;
  const path = `.github/workflows/${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.yml`;
  const workflow = world.add<Workflow>("W", { name, path, createdAt: world.iso() });
  repo.workflows.push(workflow);
  return workflow;
}

/** The app that GitHub's own check runs belong to. */
export function actionsApp(world: World) {
  const app = world.apps.find(({ slug }) => slug === "github-actions");
  if (app === undefined) throw new Error("this GitHub has no Actions");
  return app;
}

export function startRun(world: World, repo: Repo, given: NewRun): WorkflowRun {
  const workflow = workflowNamed(world, repo, given.workflow ?? "CI");
  const now = world.iso();
  const suite = addSuite(world, repo, { app: actionsApp(world), sha: given.sha, branch: given.branch });
  const run = world.add<WorkflowRun>("WFR", {
    repo,
    workflow,
    number: repo.runs.filter((other) => other.workflow === workflow).length + 1,
    attempt: 1,
    event: given.event ?? "pull_request",
    sha: given.sha,
    branch: given.branch,
    title: given.title ?? workflow.name,
    actor: given.actor,
    awaitsApproval: given.awaitsApproval ?? false,
    suite,
    jobs: [],
    createdAt: now,
    updatedAt: now,
    startedAt: now,
  });
  suite.run = run;
  repo.runs.push(run);
  tellRun(world, run, "requested");
  if (run.awaitsApproval) {
    waiting.set(run, given.jobs);
    tellRun(world, run, "completed");
  } else for (const job of given.jobs) addJob(world, run, job);
  return run;
}

/** The jobs of runs that wait for approval. */
const waiting = new WeakMap<WorkflowRun, NewJob[]>();

export function approveRun(world: World, run: WorkflowRun): void {
  if (!run.awaitsApproval) throw new Refusal(403, "This run is not from a fork pull request");
  run.awaitsApproval = false;
  for (const job of waiting.get(run) ?? []) addJob(world, run, job);
  tellRun(world, run, "requested");
}

const step = (name: string, number: number): Step => ({
  name,
  number,
  status: "queued",
  conclusion: null,
  startedAt: null,
  completedAt: null,
  output: "",
});

function addJob(world: World, run: WorkflowRun, given: NewJob): Job {
  const names = ["Set up job", ...(given.steps ?? ["Run actions/checkout@v5", "Run npm test"]), "Complete job"];
  const check = addCheck(world, run.repo, {
    app: run.suite.app,
    name: given.name,
    sha: run.sha,
    branch: run.branch,
    run,
  });
  const job: Job = {
    id: check.id,
    run,
    attempt: run.attempt,
    name: given.name,
    steps: names.map((name, at) => step(name, at + 1)),
    check,
  };
  check.job = job;
  run.jobs.push(job);
  tellJob(world, job, "queued");
  return job;
}

export function startJob(world: World, job: Job): void {
  updateCheck(world, job.check, { status: "in_progress", startedAt: world.iso() });
  const first = job.steps[0];
  if (first !== undefined) Object.assign(first, { status: "in_progress", startedAt: world.iso() });
  job.run.updatedAt = world.iso();
  tellJob(world, job, "in_progress");
  tellRun(world, job.run, "in_progress");
}

export interface JobEnd {
  conclusion: Conclusion;
  /** What the steps print, by their names. */
  output?: Record<string, string>;
  /** The step that fails. The last of the job's own when not given. */
  failingStep?: string;
}

export function finishJob(world: World, job: Job, end: JobEnd): void {
  const isBad = end.conclusion !== "success" && end.conclusion !== "skipped" && end.conclusion !== "neutral";
  const own = job.steps.slice(1, -1);
  const culprit = isBad ? (own.find(({ name }) => name === end.failingStep) ?? own.at(-1)) : undefined;
  let isPast = false;
  for (const one of job.steps) {
    const isLast = one === job.steps.at(-1);
    const conclusion =
      one === culprit
        ? end.conclusion === "cancelled"
          ? "cancelled"
          : "failure"
        : isPast && !isLast
          ? "skipped"
          : "success";
    Object.assign(one, {
      status: "completed",
      conclusion,
      startedAt: one.startedAt ?? world.iso(),
      completedAt: world.iso(),
    });
    one.output = end.output?.[one.name] ?? "";
    if (one === culprit) isPast = true;
  }
  if (culprit !== undefined && end.conclusion === "failure") {
    job.check.annotations.push({
      path: ".github",
      startLine: 1,
      endLine: 1,
      startColumn: null,
      endColumn: null,
      level: "failure",
      title: "",
      message: "Process completed with exit code 1.",
      rawDetails: "",
    });
  }
  updateCheck(world, job.check, { conclusion: end.conclusion });
  job.run.updatedAt = world.iso();
  tellJob(world, job, "completed");
  if (runState(job.run).status === "completed") tellRun(world, job.run, "completed");
}

/** Runs again what failed, or everything, as a new attempt of the same run. */
export function rerun(world: World, run: WorkflowRun, only: "all" | "failed" | Job): void {
  const last = run.jobs.filter(({ attempt }) => attempt === run.attempt);
  if (runState(run).status !== "completed") throw new Refusal(403, "This workflow is already running");
  const isWanted = (job: Job) =>
    only === "all" ||
    only === job ||
    (only === "failed" && !["success", "skipped", "neutral"].includes(job.check.conclusion ?? ""));
  run.attempt++;
  Object.assign(run, { startedAt: world.iso(), updatedAt: world.iso() });
  for (const job of last) {
    if (isWanted(job)) addJob(world, run, { name: job.name, steps: job.steps.slice(1, -1).map(({ name }) => name) });
    else run.jobs.push({ ...job, attempt: run.attempt });
  }
  tellRun(world, run, "requested");
}

export function cancelRun(world: World, run: WorkflowRun): void {
  if (runState(run).status === "completed") throw new Refusal(409, "Cannot cancel a workflow run that is completed.");
  for (const job of jobsOf(run))
    if (job.check.status !== "completed") finishJob(world, job, { conclusion: "cancelled" });
}

export const runState = (run: WorkflowRun) => suiteState(run.suite);

export const jobsOf = (run: WorkflowRun, attempt = run.attempt): Job[] =>
  run.jobs.filter((job) => job.attempt === attempt);

function tellJob(world: World, job: Job, action: string): void {
  world.emit({
    repo: job.run.repo,
    event: "workflow_job",
    action,
    actor: job.run.actor,
    subject: { workflow_job: job },
  });
}

function tellRun(world: World, run: WorkflowRun, action: string): void {
  world.emit({ repo: run.repo, event: "workflow_run", action, actor: run.actor, subject: { workflow_run: run } });
}

/** A job's log as GitHub stores it: a byte order mark, and a time stamp before each line. */
export function logOf(world: World, job: Job): string {
  const lines: string[] = [];
  for (const one of job.steps) {
    if (one.conclusion === "skipped" || one.startedAt === null) continue;
    const isOwn = /^Run /.test(one.name);
    if (isOwn) lines.push(`##[group]${one.name}`, one.name.slice(4), "shell: /usr/bin/bash -e {0}", "##[endgroup]");
    else if (one.number === 1)
      lines.push(
        "Current runner version: '2.330.0'",
        "##[group]Operating System",
        "Ubuntu",
        "24.04.3",
        "LTS",
        "##[endgroup]",
      );
    if (one.output !== "") lines.push(...one.output.replace(/\n$/, "").split("\n"));
    if (one.conclusion === "failure") lines.push("##[error]Process completed with exit code 1.");
    if (one.name === "Complete job") lines.push("Cleaning up orphan processes");
  }
  const stamp = new Date(job.check.startedAt ?? world.iso()).getTime();
  return `\ufeff${lines.map((line, at) => `${new Date(stamp + at).toISOString().slice(0, -1)}0000Z ${line}\n`).join("")}`;
}
