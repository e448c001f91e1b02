import { runState } from "../domain/actions.ts";
import { latestStatuses, rollup, suiteState } from "../domain/checks.ts";
import type { CommitInfo } from "../git/bare.ts";
import type { Urls } from "../http/call.ts";
import type { Annotation, CheckRun, CheckSuite, CommitStatus, Job, Workflow, WorkflowRun } from "../model/checks.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { fullName, pullsOf } from "../world.ts";
import { appView, userView } from "./accounts.ts";
import { repoApi, repoHtml, smallRepoView } from "./repos.ts";

function pullsWithHead(repo: Repo, sha: string): PullRequest[] {
  return pullsOf(repo).filter(({ pull, state }) => state === "open" && pull.headSha === sha && pull.headRepo === repo);
}

function pullRefs(urls: Urls, repo: Repo, sha: string) {
  const small = { id: repo.id, url: repoApi(urls, repo), name: repo.name };
  return pullsWithHead(repo, sha).map(({ id, number, pull }) => ({
    id,
    number,
    url: `${repoApi(urls, repo)}/pulls/${number}`,
    head: { ref: pull.headRef, sha: pull.headSha, repo: small },
    base: { ref: pull.baseRef, sha: pull.baseSha, repo: small },
  }));
}

export const checkHtml = (urls: Urls, { suite, id, job }: CheckRun): string =>
  job === null
    ? `${repoHtml(urls, suite.repo)}/runs/${id}`
    : `${repoHtml(urls, suite.repo)}/actions/runs/${job.run.id}/job/${id}`;

export function checkView(urls: Urls, check: CheckRun) {
  const { repo, app } = check.suite;
  const url = `${repoApi(urls, repo)}/check-runs/${check.id}`;
  return {
    id: check.id,
    name: check.name,
    node_id: check.nodeId,
    head_sha: check.sha,
    external_id: check.externalId,
    url,
    html_url: checkHtml(urls, check),
    details_url: check.detailsUrl ?? checkHtml(urls, check),
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    output: {
      title: check.title,
      summary: check.summary,
      text: check.text,
      annotations_count: check.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: check.suite.id },
    app: appView(urls, app),
    pull_requests: pullRefs(urls, repo, check.sha),
  };
}

export function annotationView(urls: Urls, check: CheckRun, one: Annotation) {
  return {
    path: one.path,
    blob_href: `${repoHtml(urls, check.suite.repo)}/blob/${check.sha}/${one.path}`,
    start_line: one.startLine,
    start_column: one.startColumn,
    end_line: one.endLine,
    end_column: one.endColumn,
    annotation_level: one.level,
    title: one.title,
    message: one.message,
    raw_details: one.rawDetails,
  };
}

const simpleCommitView = ({ sha, tree, message, author, committer }: CommitInfo) => ({
  id: sha,
  tree_id: tree,
  message,
  timestamp: author.date,
  author: { name: author.name, email: author.email },
  committer: { name: committer.name, email: committer.email },
});

export function suiteView(urls: Urls, suite: CheckSuite, commit: CommitInfo) {
  const { repo, sha } = suite;
  const url = `${repoApi(urls, repo)}/check-suites/${suite.id}`;
  return {
    id: suite.id,
    node_id: suite.nodeId,
    head_branch: suite.branch,
    head_sha: sha,
    ...suiteState(suite),
    url,
    before: commit.parents[0] ?? null,
    after: sha,
    pull_requests: pullRefs(urls, repo, sha),
    app: appView(urls, suite.app),
    repository: smallRepoView(urls, repo),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
    head_commit: simpleCommitView(commit),
    latest_check_runs_count: repo.checkRuns.filter((check) => check.suite === suite).length,
    check_runs_url: `${url}/check-runs`,
    rerequestable: true,
    runs_rerequestable: true,
  };
}

export function statusView(urls: Urls, repo: Repo, status: CommitStatus) {
  return {
    url: `${repoApi(urls, repo)}/statuses/${status.sha}`,
    avatar_url: `${urls.html}/avatars/u/${status.creator.id}?v=4`,
    id: status.id,
    node_id: status.nodeId,
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.updatedAt,
  };
}

export function fullStatusView(urls: Urls, repo: Repo, status: CommitStatus) {
  return { ...statusView(urls, repo, status), creator: userView(urls, status.creator) };
}

/** The combined status. GitHub leaves check runs out of it, and says pending when there is no status. */
export function combinedStatusView(urls: Urls, repo: Repo, sha: string) {
  const statuses = latestStatuses(repo, sha);
  const outcome = rollup({ ...repo, checkRuns: [] }, sha);
  const api = repoApi(urls, repo);
  return {
    state: outcome === "failing" ? "failure" : outcome === "passing" ? "success" : "pending",
    statuses: statuses.map((status) => statusView(urls, repo, status)),
    sha,
    total_count: statuses.length,
    repository: smallRepoView(urls, repo),
    commit_url: `${api}/commits/${sha}`,
    url: `${api}/commits/${sha}/status`,
  };
}

export function workflowView(urls: Urls, repo: Repo, workflow: Workflow) {
  return {
    id: workflow.id,
    node_id: workflow.nodeId,
    name: workflow.name,
    path: workflow.path,
    state: "active",
    created_at: workflow.createdAt,
    updated_at: workflow.createdAt,
    url: `${repoApi(urls, repo)}/actions/workflows/${workflow.id}`,
    html_url: `${repoHtml(urls, repo)}/blob/${repo.defaultBranch}/${workflow.path}`,
    badge_url: `${repoHtml(urls, repo)}/workflows/${encodeURIComponent(workflow.name)}/badge.svg`,
  };
}

export const runHtml = (urls: Urls, run: WorkflowRun): string => `${repoHtml(urls, run.repo)}/actions/runs/${run.id}`;

export function runView(urls: Urls, run: WorkflowRun, commit: CommitInfo) {
  const { repo } = run;
  const url = `${repoApi(urls, repo)}/actions/runs/${run.id}`;
  const head = pullsOf(repo).find(({ pull }) => pull.headSha === run.sha)?.pull.headRepo ?? repo;
  return {
    id: run.id,
    name: run.workflow.name,
    node_id: run.nodeId,
    head_branch: run.branch,
    head_sha: run.sha,
    path: run.workflow.path,
    display_title: run.title,
    run_number: run.number,
    event: run.event,
    ...runState(run),
    workflow_id: run.workflow.id,
    check_suite_id: run.suite.id,
    check_suite_node_id: run.suite.nodeId,
    url,
    html_url: runHtml(urls, run),
    pull_requests: pullRefs(urls, repo, run.sha),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    actor: userView(urls, run.actor),
    run_attempt: run.attempt,
    referenced_workflows: [],
    run_started_at: run.startedAt,
    triggering_actor: userView(urls, run.actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repoApi(urls, repo)}/check-suites/${run.suite.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt === 1 ? null : `${url}/attempts/${run.attempt - 1}`,
    workflow_url: `${repoApi(urls, repo)}/actions/workflows/${run.workflow.id}`,
    head_commit: simpleCommitView(commit),
    repository: smallRepoView(urls, repo),
    head_repository: smallRepoView(urls, head),
  };
}

export function jobView(urls: Urls, job: Job) {
  const { run, check } = job;
  const api = repoApi(urls, run.repo);
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflow.name,
    head_branch: run.branch,
    run_url: `${api}/actions/runs/${run.id}`,
    run_attempt: job.attempt,
    node_id: check.nodeId,
    head_sha: run.sha,
    url: `${api}/actions/jobs/${job.id}`,
    html_url: checkHtml(urls, check),
    status: check.status,
    conclusion: check.conclusion,
    created_at: run.createdAt,
    started_at: check.startedAt ?? run.createdAt,
    completed_at: check.completedAt,
    name: job.name,
    steps: job.steps.map((one) => ({
      name: one.name,
      status: one.status,
      conclusion: one.conclusion,
      number: one.number,
      started_at: one.startedAt,
      completed_at: one.completedAt,
    })),
    check_run_url: `${api}/check-runs/${check.id}`,
    labels: ["ubuntu-latest"],
    runner_id: 1,
    runner_name: `GitHub Actions ${fullName(run.repo)}`,
    runner_group_id: 0,
    runner_group_name: "GitHub Actions",
  };
}
