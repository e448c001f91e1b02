import type { CICheck, CIStatus } from "@agent-orchestrator/core/model/pull-request";
import type { CheckRunNode, ContextNode, StatusNode, SuiteNode } from "./responses.ts";

/** Conclusions of a check run that count as failing. `cancelled stale skipped neutral action_required` do not. */
const FAILING = new Set(["FAILURE", "TIMED_OUT", "STARTUP_FAILURE"]);
const SKIPPED = new Set(["SKIPPED", "NEUTRAL", "CANCELLED", "STALE"]);

/**
 * Check runs and commit statuses as checks, one for each name: the newest. `failingOnBase`: see `failingJobs`. Only where the base
 * requires a check are the others optional.
 */
export function toChecks(contexts: readonly ContextNode[], failingOnBase: ReadonlySet<string>): CICheck[] {
  const nameOf = namer(contexts);
  const newest = new Map<string, ContextNode>();
  for (const context of contexts) {
    const before = newest.get(nameOf(context));
    if (before === undefined || attemptOf(context) > attemptOf(before)) newest.set(nameOf(context), context);
  }
  const hasRequired = contexts.some(({ isRequired }) => isRequired);
  return [...newest.values()].map((context) => {
    const check = context.__typename === "CheckRun" ? fromCheckRun(context) : fromStatus(context);
    return {
      ...check,
      name: nameOf(context),
      attempt: attemptOf(context),
      ...(hasRequired ? { isRequired: context.isRequired } : {}),
      ...(check.status === "failed" ? { failsOnBase: failingOnBase.has(jobIn(context)) } : {}),
    };
  });
}

const jobOf = (context: ContextNode): string => (context.__typename === "CheckRun" ? context.name : context.context);
const workflowOf = (context: ContextNode): string =>
  (context.__typename === "CheckRun" ? context.checkSuite?.workflowRun?.workflow.name : undefined) ?? "";
/** With its workflow, by whatever it was started. */
const jobIn = (context: ContextNode): string => `${workflowOf(context)} / ${jobOf(context)}`;

/** What started it, or which app it is of. Two of one name that differ in this are two checks, and each has its own say. */
function originOf(context: ContextNode): string {
  if (context.__typename === "StatusContext") return "status";
  return context.checkSuite?.workflowRun?.event ?? context.checkSuite?.app?.slug ?? "";
}

/** The job's name; with its workflow's, and with its origin, if there are several jobs of that name: `CI / test (push)`. */
function namer(contexts: readonly ContextNode[]): (context: ContextNode) => string {
  const workflows = new Map<string, Set<string>>();
  const origins = new Map<string, Set<string>>();
  for (const context of contexts) {
    workflows.set(jobOf(context), (workflows.get(jobOf(context)) ?? new Set()).add(workflowOf(context)));
    origins.set(jobIn(context), (origins.get(jobIn(context)) ?? new Set()).add(originOf(context)));
  }
  return (context) => {
    const isShared = (workflows.get(jobOf(context))?.size ?? 0) > 1 && workflowOf(context) !== "";
    const name = isShared ? jobIn(context) : jobOf(context);
    return (origins.get(jobIn(context))?.size ?? 0) > 1 ? `${name} (${originOf(context)})` : name;
  };
}

/** Each run has a new, higher number: a re-run on the same commit is a new attempt. */
function attemptOf(context: ContextNode): number {
  return context.__typename === "CheckRun" ? context.databaseId : Math.max(1, Date.parse(context.createdAt) || 1);
}

function fromCheckRun(run: CheckRunNode): CICheck {
  const conclusion = run.conclusion?.toLowerCase();
  return {
    name: run.name,
    status: statusOfRun(run),
    checkRunId: run.databaseId,
    isActions: run.checkSuite?.app?.slug === "github-actions",
    ...rerunOf(run),
    ...(run.detailsUrl === null ? {} : { url: run.detailsUrl }),
    ...(conclusion === undefined ? {} : { conclusion }),
    ...(run.startedAt === null ? {} : { startedAt: run.startedAt }),
    ...(run.completedAt === null ? {} : { completedAt: run.completedAt }),
    ...problemOf(run),
  };
}

/** GitHub runs a job again only when its whole workflow run has ended. */
function rerunOf(run: CheckRunNode): Partial<CICheck> {
  const { app, workflowRun, status } = run.checkSuite ?? {};
  if (app?.slug !== "github-actions" || !workflowRun || statusOfRun(run) !== "failed") return {};
  return { rerun: status === "COMPLETED" ? "possible" : "later", workflowRunId: workflowRun.databaseId };
}

const problemOf = ({ conclusion }: Ended) =>
  conclusion === "ACTION_REQUIRED" ? { problem: "it waits for someone's approval on GitHub" } : {};

type Ended = Pick<CheckRunNode, "status" | "conclusion">;

/**
 * Runs of workflows that have no job yet: they wait for an approval or for GitHub, or could not start. Without them a commit would pass
 * for one that has no checks.
 */
export function joblessRuns(suites: readonly SuiteNode[], contexts: readonly ContextNode[]): CICheck[] {
  const begun = new Set(
    contexts.map((one) => one.__typename === "CheckRun" && one.checkSuite?.workflowRun?.databaseId),
  );
  const newest = new Map<string, CICheck>();
  for (const suite of suites) {
    const { workflowRun: run } = suite;
    if (run === null) continue; // Apps have one for each commit, and most never use it.
    const key = `${run.workflow.name} ${run.event}`;
    if ((newest.get(key)?.attempt ?? 0) < run.databaseId) newest.set(key, fromSuite(suite, run));
  }
  const hasRequired = contexts.some(({ isRequired }) => isRequired);
  return [...newest.values()]
    .filter(({ attempt, status }) => !begun.has(attempt ?? 0) && (status === "pending" || status === "failed"))
    .map((check) => (hasRequired ? { ...check, isRequired: false } : check));
}

function fromSuite(suite: SuiteNode, run: NonNullable<SuiteNode["workflowRun"]>): CICheck {
  const status = statusOfRun(suite) === "running" ? "pending" : statusOfRun(suite);
  return {
    name: `workflow ${run.workflow.name} (${run.event})`,
    status,
    attempt: run.databaseId,
    url: run.url,
    ...(status === "failed" ? { description: "GitHub could not start this workflow." } : {}),
    ...problemOf(suite),
  };
}

function statusOfRun({ status, conclusion }: Ended): CICheck["status"] {
  if (status !== "COMPLETED") return status === "IN_PROGRESS" ? "running" : "pending";
  if (conclusion === "SUCCESS") return "passed";
  if (conclusion !== null && FAILING.has(conclusion)) return "failed";
  return conclusion !== null && SKIPPED.has(conclusion) ? "skipped" : "pending";
}

const STATUS: Readonly<Record<string, CICheck["status"]>> = {
  SUCCESS: "passed",
  FAILURE: "failed",
  ERROR: "failed",
  PENDING: "pending",
  EXPECTED: "pending",
};

function fromStatus(node: StatusNode): CICheck {
  return {
    name: node.context,
    status: STATUS[node.state] ?? "pending",
    conclusion: node.state.toLowerCase(),
    startedAt: node.createdAt,
    ...(node.description === null ? {} : { description: node.description }),
    ...(node.targetUrl === null ? {} : { url: node.targetUrl }),
  };
}

const isFailing = (context: ContextNode): boolean =>
  context.__typename === "CheckRun" ? statusOfRun(context) === "failed" : STATUS[context.state] === "failed";

/** The jobs that fail on a commit, each with its workflow: `CI / test`. */
export const failingJobs = (contexts: readonly ContextNode[]): Set<string> =>
  new Set(contexts.filter(isFailing).map(jobIn));

/** The same for people, without the workflow. */
export const failingNames = (contexts: readonly ContextNode[]): Set<string> =>
  new Set(contexts.filter(isFailing).map(jobOf));

/** What all checks say together. Optional ones don't hold anything up. */
export function ciStatusOf(checks: readonly CICheck[]): CIStatus {
  if (checks.length === 0) return "none";
  const counted = checks.filter(({ isRequired }) => isRequired !== false);
  if (counted.some(({ status }) => status === "failed")) return "failing";
  return counted.every(({ status }) => status === "passed" || status === "skipped") ? "passing" : "pending";
}
