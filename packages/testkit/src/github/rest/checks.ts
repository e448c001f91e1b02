import { addCheck, addStatus, latestChecks, tellCheck, updateCheck } from "../domain/checks.ts";
import { actorOf, appOf, byId, type Call, countedPage, created, ok, page, required, text } from "../http/call.ts";
import { invalid, Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Annotation, CheckRun, CheckState, CommitStatus, Conclusion } from "../model/checks.ts";
import { annotationView, checkView, combinedStatusView, fullStatusView, suiteView } from "../views/checks.ts";

/** The commit of `{ref}` or `{sha}`. Throws GitHub's 422 for none. */
export async function commitOf(call: Call): Promise<string> {
  const name = call.params.ref ?? call.params.sha ?? "";
  const sha = await call.repo.git.commitOf(name.replace(/^refs\//, "").replace(/^heads\//, ""));
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${name}`);
  return sha;
}

function annotationsOf(output: Record<string, unknown>): Annotation[] {
  const rows = Array.isArray(output.annotations) ? (output.annotations as Record<string, unknown>[]) : [];
  if (rows.length > 50)
    throw new Refusal(422, "Validation Failed", { errors: ["No more than 50 annotations per request"] });
  return rows.map((row) => ({
    path: String(row.path),
    startLine: Number(row.start_line),
    endLine: Number(row.end_line),
    startColumn: row.start_column == null ? null : Number(row.start_column),
    endColumn: row.end_column == null ? null : Number(row.end_column),
    level: row.annotation_level as Annotation["level"],
    title: row.title == null ? null : String(row.title),
    message: String(row.message),
    rawDetails: row.raw_details == null ? null : String(row.raw_details),
  }));
}

/** What a body says about a check run, apart from its name and commit. */
function checkFields(call: Call): Partial<CheckRun> {
  const output = (call.body.output ?? {}) as Record<string, unknown>;
  const given: Record<string, unknown> = {
    status: text(call, "status") as CheckState | undefined,
    conclusion: text(call, "conclusion") as Conclusion | undefined,
    detailsUrl: text(call, "details_url"),
    externalId: text(call, "external_id"),
    startedAt: text(call, "started_at"),
    completedAt: text(call, "completed_at"),
    title: output.title,
    summary: output.summary,
    text: output.text,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Only apps may write check runs. */
function needApp(call: Call) {
  const app = appOf(call);
  if (app === null) throw new Refusal(403, "You must authenticate via a GitHub App.");
  return app;
}

async function createCheck(call: Call) {
  const app = needApp(call);
  const sha = await call.repo.git.commitOf(required(call, "head_sha", "CheckRun"));
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${call.body.head_sha}`);
  const annotations = annotationsOf((call.body.output ?? {}) as Record<string, unknown>);
  const check = addCheck(call.world, call.repo, {
    app,
    name: required(call, "name", "CheckRun"),
    sha,
    ...checkFields(call),
    annotations,
  });
  return created(checkView(call.urls, check));
}

function changeCheck(call: Call) {
  const app = needApp(call);
  const check = byId(call.repo.checkRuns, call.params.check_run_id);
  if (check.suite.app !== app)
    throw new Refusal(
      403,
      `Invalid app_id \`${app.id}\` - check run can only be modified by the GitHub App that created it.`,
    );
  const added = annotationsOf((call.body.output ?? {}) as Record<string, unknown>);
  updateCheck(call.world, check, { ...checkFields(call), annotations: [...check.annotations, ...added] });
  return ok(checkView(call.urls, check));
}

function filtered(call: Call, checks: CheckRun[]): CheckRun[] {
  const [name, status, app] = [call.query.get("check_name"), call.query.get("status"), call.query.get("app_id")];
  return checks.filter(
    (check) =>
      (name === null || check.name === name) &&
      (status === null || check.status === status) &&
      (app === null || check.suite.app.id === Number(app)),
  );
}

async function createStatus(call: Call) {
  const state = required(call, "state", "Status") as CommitStatus["state"];
  if (!["error", "failure", "pending", "success"].includes(state))
    throw invalid({ resource: "Status", field: "state", code: "custom", message: "state is not included in the list" });
  const status = addStatus(call.world, call.repo, {
    sha: await commitOf(call),
    context: text(call, "context") ?? "default",
    state,
    creator: actorOf(call),
    description: text(call, "description") ?? null,
    targetUrl: text(call, "target_url") ?? null,
  });
  return created(fullStatusView(call.urls, call.repo, status));
}

const R = "/repos/{owner}/{repo}";

export const checkRoutes: Route[] = [
  route(`POST ${R}/check-runs`, "checks:write", createCheck),
  route(`PATCH ${R}/check-runs/{check_run_id}`, "checks:write", changeCheck),
  route(`GET ${R}/check-runs/{check_run_id}`, "checks:read", (call) =>
    ok(checkView(call.urls, byId(call.repo.checkRuns, call.params.check_run_id))),
  ),
  route(`GET ${R}/check-runs/{check_run_id}/annotations`, "checks:read", (call) => {
    const check = byId(call.repo.checkRuns, call.params.check_run_id);
    return page(call, check.annotations, (one) => annotationView(call.urls, check, one));
  }),
  route(`POST ${R}/check-runs/{check_run_id}/rerequest`, "checks:write", (call) => {
    tellCheck(call.world, byId(call.repo.checkRuns, call.params.check_run_id), "rerequested");
    return created({});
  }),
  route(`GET ${R}/check-suites/{check_suite_id}`, "checks:read", async (call) => {
    const suite = byId(call.repo.checkSuites, call.params.check_suite_id);
    return ok(suiteView(call.urls, suite, await call.repo.git.commit(suite.sha)));
  }),
  route(`GET ${R}/check-suites/{check_suite_id}/check-runs`, "checks:read", (call) => {
    const suite = byId(call.repo.checkSuites, call.params.check_suite_id);
    const checks = (
      call.query.get("filter") === "all" ? call.repo.checkRuns : latestChecks(call.repo, suite.sha)
    ).filter((check) => check.suite === suite);
    return countedPage(call, filtered(call, checks), {
      key: "check_runs",
      show: (check) => checkView(call.urls, check),
    });
  }),
  route(`GET ${R}/commits/{ref}/check-runs`, "checks:read", async (call) => {
    const sha = await commitOf(call);
    const checks =
      call.query.get("filter") === "all"
        ? call.repo.checkRuns.filter((check) => check.sha === sha)
        : latestChecks(call.repo, sha);
    return countedPage(call, filtered(call, checks).reverse(), {
      key: "check_runs",
      show: (check) => checkView(call.urls, check),
    });
  }),
  route(`GET ${R}/commits/{ref}/check-suites`, "checks:read", async (call) => {
    const sha = await commitOf(call);
    const commit = await call.repo.git.commit(sha);
    const suites = call.repo.checkSuites.filter((suite) => suite.sha === sha);
    return countedPage(call, suites, { key: "check_suites", show: (suite) => suiteView(call.urls, suite, commit) });
  }),
  route(`GET ${R}/commits/{ref}/status`, "statuses:read", async (call) =>
    ok(combinedStatusView(call.urls, call.repo, await commitOf(call))),
  ),
  route(`GET ${R}/commits/{ref}/statuses`, "statuses:read", async (call) => {
    const sha = await commitOf(call);
    const rows = call.repo.statuses.filter((status) => status.sha === sha).reverse();
    return page(call, rows, (status) => fullStatusView(call.urls, call.repo, status));
  }),
  route(`POST ${R}/statuses/{sha}`, "statuses:write", createStatus),
];
