import type { Account, App } from "../model/accounts.ts";
import type {
  Annotation,
  CheckRun,
  CheckState,
  CheckSuite,
  CommitStatus,
  Conclusion,
  WorkflowRun,
} from "../model/checks.ts";
import type { Repo } from "../model/repo.ts";
import type { World } from "../world.ts";

const PASSING = new Set<Conclusion>(["success", "neutral", "skipped"]);

export interface NewCheck {
  app: App;
  name: string;
  sha: string;
  status?: CheckState;
  conclusion?: Conclusion | null;
  detailsUrl?: string | null;
  externalId?: string;
  title?: string | null;
  summary?: string | null;
  text?: string | null;
  annotations?: Annotation[];
  startedAt?: string | null;
  completedAt?: string | null;
  branch?: string | null;
  run?: WorkflowRun;
}

/** An app has one suite for each commit; each workflow run has its own. */
export function suiteFor(
  world: World,
  repo: Repo,
  given: { app: App; sha: string; branch?: string | null },
): CheckSuite {
  const known = repo.checkSuites.find(
    (suite) => suite.app === given.app && suite.sha === given.sha && suite.run === null,
  );
  return known ?? addSuite(world, repo, given);
}

export function addSuite(
  world: World,
  repo: Repo,
  given: { app: App; sha: string; branch?: string | null },
): CheckSuite {
  const now = world.iso();
  const suite = world.add<CheckSuite>("CS", {
    repo,
    app: given.app,
    sha: given.sha,
    branch: given.branch ?? null,
    run: null,
    createdAt: now,
    updatedAt: now,
  });
  repo.checkSuites.push(suite);
  return suite;
}

export function addCheck(world: World, repo: Repo, given: NewCheck): CheckRun {
  const suite = given.run?.suite ?? suiteFor(world, repo, given);
  const status = given.conclusion != null ? "completed" : (given.status ?? "queued");
  const check = world.add<CheckRun>("CR", {
    suite,
    name: given.name,
    sha: given.sha,
    status,
    conclusion: given.conclusion ?? null,
    startedAt: given.startedAt ?? world.iso(),
    completedAt: status === "completed" ? (given.completedAt ?? world.iso()) : null,
    detailsUrl: given.detailsUrl ?? null,
    externalId: given.externalId ?? "",
    title: given.title ?? null,
    summary: given.summary ?? null,
    text: given.text ?? null,
    annotations: given.annotations ?? [],
    job: null,
  });
  repo.checkRuns.push(check);
  tellCheck(world, check, "created");
  if (status === "completed") completed(world, check);
  return check;
}

export function updateCheck(world: World, check: CheckRun, change: Partial<Omit<CheckRun, "id" | "nodeId">>): void {
  const wasDone = check.status === "completed";
  Object.assign(check, change);
  if (change.conclusion != null) {
    check.status = "completed";
    check.completedAt = change.completedAt ?? world.iso();
  }
  check.suite.updatedAt = world.iso();
  if (check.status === "completed" && !wasDone) completed(world, check);
}

function completed(world: World, check: CheckRun): void {
  tellCheck(world, check, "completed");
  const { suite } = check;
  const runs = latestChecks(suite.repo, suite.sha).filter((other) => other.suite === suite);
  if (runs.every(({ status }) => status === "completed")) {
    world.emit({
      repo: suite.repo,
      event: "check_suite",
      action: "completed",
      actor: suite.app.bot,
      subject: { check_suite: suite },
    });
  }
}

export function tellCheck(world: World, check: CheckRun, action: string): void {
  const { repo, app } = check.suite;
  world.emit({ repo, event: "check_run", action, actor: app.bot, subject: { check_run: check } });
}

/** The newest check run of each name in each suite. */
export function latestChecks(repo: Repo, sha: string): CheckRun[] {
  const latest = new Map<string, CheckRun>();
  for (const check of repo.checkRuns) if (check.sha === sha) latest.set(`${check.suite.id} ${check.name}`, check);
  return [...latest.values()];
}

export function addStatus(
  world: World,
  repo: Repo,
  given: Pick<CommitStatus, "sha" | "context" | "state" | "creator"> & Partial<CommitStatus>,
): CommitStatus {
  const now = world.iso();
  const status = world.add<CommitStatus>("SC", {
    description: null,
    targetUrl: null,
    createdAt: now,
    updatedAt: now,
    ...given,
  });
  repo.statuses.push(status);
  world.emit({ repo, event: "status", action: null, actor: given.creator as Account, subject: { status } });
  return status;
}

/** The newest status of each context. */
export function latestStatuses(repo: Repo, sha: string): CommitStatus[] {
  const latest = new Map<string, CommitStatus>();
  for (const status of repo.statuses) if (status.sha === sha) latest.set(status.context, status);
  return [...latest.values()];
}

export type Outcome = "passing" | "failing" | "pending" | "missing";

const checkOutcome = ({ status, conclusion }: CheckRun): Outcome =>
  status !== "completed" || conclusion === null ? "pending" : PASSING.has(conclusion) ? "passing" : "failing";

const statusOutcome = ({ state }: CommitStatus): Outcome =>
  state === "success" ? "passing" : state === "pending" ? "pending" : "failing";

function worst(outcomes: Outcome[]): Outcome {
  return (["failing", "pending", "passing"] as const).find((one) => outcomes.includes(one)) ?? "missing";
}

/** How one required check stands on a commit. */
export function outcomeOf(
  repo: Repo,
  sha: string,
  { context, appId }: { context: string; appId: number | null },
): Outcome {
  const checks = latestChecks(repo, sha).filter(
    (check) => check.name === context && (appId === null || check.suite.app.id === appId),
  );
  const statuses = appId === null ? latestStatuses(repo, sha).filter((status) => status.context === context) : [];
  return worst([...checks.map(checkOutcome), ...statuses.map(statusOutcome)]);
}

/** How all checks and statuses of a commit stand together. */
export function rollup(repo: Repo, sha: string): Outcome {
  return worst([...latestChecks(repo, sha).map(checkOutcome), ...latestStatuses(repo, sha).map(statusOutcome)]);
}

/** How a whole suite stands. A workflow run that waits for approval has no check run yet. */
export function suiteState(suite: CheckSuite): { status: CheckState; conclusion: Conclusion | null } {
  if (suite.run?.awaitsApproval === true) return { status: "completed", conclusion: "action_required" };
  const checks = latestChecks(suite.repo, suite.sha).filter((check) => check.suite === suite);
  if (checks.length === 0) return { status: "queued", conclusion: null };
  if (checks.some(({ status }) => status === "in_progress")) return { status: "in_progress", conclusion: null };
  const open = checks.filter(({ status }) => status !== "completed");
  if (open.length > 0)
    return { status: open.length === checks.length ? (open[0]?.status ?? "queued") : "in_progress", conclusion: null };
  const conclusions = checks.map(({ conclusion }) => conclusion);
  const order = [
    "failure",
    "timed_out",
    "startup_failure",
    "cancelled",
    "action_required",
    "stale",
    "success",
    "neutral",
    "skipped",
  ] as const;
  return { status: "completed", conclusion: order.find((one) => conclusions.includes(one)) ?? null };
}
