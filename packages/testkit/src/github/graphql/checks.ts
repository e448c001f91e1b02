import { latestChecks, suiteState } from "../domain/checks.ts";
import { demandsOn } from "../domain/rules.ts";
import type { Annotation, CheckRun, CheckSuite, CommitStatus, WorkflowRun } from "../model/checks.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { checkHtml, runHtml } from "../views/checks.ts";
import { repoHtml } from "../views/repos.ts";
import { pullsOf } from "../world.ts";
import { accountNode, appNode } from "./accounts.ts";
import { commitNode } from "./commit.ts";
import { pullNode } from "./pull.ts";
import { refNode, repoNode } from "./repo.ts";
import { connection, empty, pathOf, type Scope } from "./scope.ts";

interface RequiredArgs {
  pullRequestId?: string | null;
  pullRequestNumber?: number | null;
}

/** Whether the base of a pull request requires a check of this name. */
function isRequired(scope: Scope, repo: Repo, context: { name: string; appId: number | null }) {
  return ({ pullRequestId, pullRequestNumber }: RequiredArgs): boolean => {
    const pr =
      pullRequestId == null
        ? repo.issues.get(pullRequestNumber ?? 0)
        : scope.world.node<PullRequest>("PR", pullRequestId);
    if (pr?.pull == null) return false;
    const { requiredChecks } = demandsOn(pr.repo, pr.pull.baseRef);
    return requiredChecks.some(
      (one) => one.context === context.name && (one.appId === null || one.appId === context.appId),
    );
  };
}

function annotationNode(scope: Scope, check: CheckRun, one: Annotation): Record<string, unknown> {
  return {
    __typename: "CheckAnnotation",
    annotationLevel: one.level.toUpperCase(),
    blobUrl: `${repoHtml(scope.urls, check.suite.repo)}/blob/${check.sha}/${one.path}`,
    databaseId: check.id,
    location: {
      start: { line: one.startLine, column: one.startColumn },
      end: { line: one.endLine, column: one.endColumn },
    },
    message: one.message,
    path: one.path,
    rawDetails: one.rawDetails,
    title: one.title,
  };
}

export function checkNode(scope: Scope, check: CheckRun): Record<string, unknown> {
  const { suite } = check;
  const url = checkHtml(scope.urls, check);
  return {
    __typename: "CheckRun",
    id: check.nodeId,
    databaseId: check.id,
    name: check.name,
    status: check.status.toUpperCase(),
    conclusion: check.conclusion?.toUpperCase() ?? null,
    startedAt: check.startedAt,
    completedAt: check.completedAt,
    detailsUrl: check.detailsUrl ?? url,
    externalId: check.externalId,
    permalink: url,
    url,
    resourcePath: pathOf(url),
    title: check.title,
    summary: check.summary,
    text: check.text,
    repository: () => repoNode(scope, suite.repo),
    checkSuite: () => suiteNode(scope, suite),
    annotations: connection(check.annotations, (one) => annotationNode(scope, check, one)),
    steps: connection(check.job?.steps ?? [], (step) => ({
      ...step,
      status: step.status.toUpperCase(),
      conclusion: step.conclusion?.toUpperCase() ?? null,
      externalId: null,
      secondsToCompletion: null,
    })),
    isRequired: isRequired(scope, suite.repo, { name: check.name, appId: suite.app.id }),
    deployment: null,
    pendingDeploymentRequest: null,
  };
}

export function suiteNode(scope: Scope, suite: CheckSuite): Record<string, unknown> {
  const { repo, sha } = suite;
  const { status, conclusion } = suiteState(suite);
  const url = `${repoHtml(scope.urls, repo)}/commit/${sha}/checks?check_suite_id=${suite.id}`;
  return {
    __typename: "CheckSuite",
    id: suite.nodeId,
    databaseId: suite.id,
    app: () => appNode(scope, suite.app),
    branch: () => (suite.branch === null ? null : refNode(scope, repo, `refs/heads/${suite.branch}`)),
    commit: async () => commitNode(scope, repo, await repo.git.commit(sha)),
    status: status.toUpperCase(),
    conclusion: conclusion?.toUpperCase() ?? null,
    createdAt: suite.createdAt,
    updatedAt: suite.updatedAt,
    creator: null,
    push: null,
    repository: () => repoNode(scope, repo),
    resourcePath: pathOf(url),
    url,
    checkRuns: connection(
      latestChecks(repo, sha).filter((check) => check.suite === suite),
      (check) => checkNode(scope, check),
    ),
    matchingPullRequests: connection(
      pullsOf(repo).filter(({ pull }) => pull.headSha === sha),
      (pr) => pullNode(scope, pr),
    ),
    workflowRun: () => (suite.run === null ? null : runNode(scope, suite.run)),
  };
}

export function runNode(scope: Scope, run: WorkflowRun): Record<string, unknown> {
  const url = runHtml(scope.urls, run);
  const { workflow } = run;
  const workflowUrl = `${repoHtml(scope.urls, run.repo)}/actions/workflows/${workflow.path.split("/").at(-1)}`;
  return {
    __typename: "WorkflowRun",
    id: run.nodeId,
    databaseId: run.id,
    runNumber: run.number,
    event: run.event,
    createdAt: run.createdAt,
    updatedAt: run.updatedAt,
    url,
    resourcePath: pathOf(url),
    checkSuite: () => suiteNode(scope, run.suite),
    workflow: () => ({
      __typename: "Workflow",
      id: workflow.nodeId,
      databaseId: workflow.id,
      name: workflow.name,
      state: "ACTIVE",
      createdAt: workflow.createdAt,
      updatedAt: workflow.createdAt,
      url: workflowUrl,
      resourcePath: pathOf(workflowUrl),
    }),
    deploymentReviews: empty,
    pendingDeploymentRequests: empty,
  };
}

export function statusNode(scope: Scope, repo: Repo, status: CommitStatus): Record<string, unknown> {
  return {
    __typename: "StatusContext",
    id: status.nodeId,
    context: status.context,
    state: status.state.toUpperCase(),
    description: status.description,
    targetUrl: status.targetUrl,
    avatarUrl: `${scope.urls.html}/avatars/u/${status.creator.id}`,
    createdAt: status.createdAt,
    creator: () => accountNode(scope, status.creator),
    commit: async () => commitNode(scope, repo, await repo.git.commit(status.sha)),
    isRequired: isRequired(scope, repo, { name: status.context, appId: null }),
  };
}
