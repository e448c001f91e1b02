import { hasWrite, roleOf, roleRank } from "../domain/access.ts";
import {
  addComment,
  assignable,
  canBeAssigned,
  closeIssue,
  deleteComment,
  editComment,
  editIssue,
  openIssue,
  reopenIssue,
  setAssignees,
  setLabels,
  setMilestone,
} from "../domain/issues.ts";
import { setPullState } from "../domain/pulls.ts";
import {
  actorOf,
  appOf,
  byId,
  type Call,
  created,
  issueOf,
  NO_CONTENT,
  ok,
  page,
  required,
  strings,
  text,
} from "../http/call.ts";
import { invalid, notFound, Refusal } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Comment, Issue } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { userView } from "../views/accounts.ts";
import { commentView, eventView, issueView, labelView } from "../views/issues.ts";
import { isPull } from "../world.ts";
import { findIssues } from "./search.ts";

const READ = "issues:read|pull_requests:read";
const WRITE = "issues:write|pull_requests:write by read";
const TRIAGE = "issues:write|pull_requests:write by triage";

/** GitHub answers 410 where a repository has no issues. Its pull requests are not touched by that. */
function needIssues(repo: Repo): void {
  if (!repo.settings.hasIssues)
    throw new Refusal(410, "Issues are disabled for this repo", {
      documentation: "https://docs.github.com/v3/issues/",
    });
}

function issueFor(call: Call): Issue {
  const issue = issueOf(call);
  if (!isPull(issue)) needIssues(call.repo);
  return issue;
}

function listIssues(call: Call) {
  needIssues(call.repo);
  return page(call, findIssues(call, [...call.repo.issues.values()]), (issue) => issueView(call.urls, issue));
}

function createIssue(call: Call) {
  needIssues(call.repo);
  const milestone = call.body.milestone;
  const issue = openIssue(call.world, call.repo, {
    author: actorOf(call),
    title: required(call, "title", "Issue"),
    body: text(call, "body") ?? null,
    labels: labelNames(call) ?? [],
    assignees: strings(call, "assignees") ?? [],
    milestone: milestone == null ? null : Number(milestone),
    byApp: appOf(call) !== null,
  });
  return created(issueView(call.urls, issue));
}

/** Labels come as names or as objects with a name. */
function labelNames({ body }: Call): string[] | undefined {
  const { labels } = body;
  if (!Array.isArray(labels)) return undefined;
  return labels.map((label: unknown) =>
    typeof label === "string" ? label : String((label as { name?: unknown }).name ?? ""),
  );
}

const canTriage = (call: Call): boolean =>
  appOf(call) !== null || roleRank(roleOf(actorOf(call), call.repo)) >= roleRank("triage");

async function updateIssue(call: Call) {
  const { world, body, repo } = call;
  const issue = issueFor(call);
  const actor = actorOf(call);
  if (!canTriage(call) && issue.author !== actor) throw new Refusal(403, "Must have admin rights to Repository.");
  const title = text(call, "title");
  editIssue(world, issue, {
    actor,
    ...(title === undefined ? {} : { title }),
    ...("body" in body ? { body: text(call, "body") ?? null } : {}),
  });
  if (canTriage(call)) {
    const [labels, assignees] = [labelNames(call), strings(call, "assignees")];
    if (labels !== undefined) setLabels(world, issue, { names: labels, actor });
    if (assignees !== undefined) setAssignees(world, issue, { logins: assignees, actor });
    if ("milestone" in body) {
      const milestone =
        body.milestone === null ? null : repo.milestones.find(({ number }) => number === Number(body.milestone));
      if (milestone === undefined)
        throw invalid({ resource: "Issue", field: "milestone", code: "invalid", value: body.milestone });
      setMilestone(world, issue, { milestone, actor });
    }
  }
  const state = text(call, "state");
  if (state !== undefined && state !== "open" && state !== "closed")
    throw invalid({ resource: "Issue", field: "state", code: "invalid", value: state });
  if (state !== undefined && state !== issue.state) {
    if (isPull(issue)) await setPullState(world, issue, { state, actor });
    else if (state === "open") reopenIssue(world, issue, actor);
    else
      closeIssue(world, issue, {
        actor,
        reason: (text(call, "state_reason") as Issue["stateReason"] | undefined) ?? "completed",
      });
  }
  return ok(issueView(call.urls, issue));
}

function since<T extends { updatedAt: string }>(call: Call, rows: readonly T[]): T[] {
  const from = call.query.get("since");
  return rows.filter(({ updatedAt }) => from === null || updatedAt >= from);
}

function findComment(call: Call): Comment {
  const all = [...call.repo.issues.values()].flatMap(({ comments }) => comments);
  return byId(all, call.params.comment_id);
}

/** Only their author and people with write access may change a comment. */
function mayChange(call: Call, comment: Comment): void {
  const actor = actorOf(call);
  if (comment.author !== actor && !hasWrite(actor, call.repo))
    throw new Refusal(403, "Must have admin rights to Repository.");
}

function assign(isAdding: boolean) {
  return (call: Call) => {
    const issue = issueFor(call);
    const given = strings(call, "assignees") ?? [];
    const actor = actorOf(call);
    const before = issue.assignees.map(({ login }) => login);
    const drop = new Set(given.map((login) => login.toLowerCase()));
    const logins = isAdding ? [...before, ...given] : before.filter((login) => !drop.has(login.toLowerCase()));
    const wanted = assignable(call.world, call.repo, [...new Set(logins)]).map(({ login }) => login);
    setAssignees(call.world, issue, { logins: wanted, actor });
    return isAdding ? created(issueView(call.urls, issue)) : ok(issueView(call.urls, issue));
  };
}

function changeLabels(how: "add" | "set" | "clear") {
  return (call: Call) => {
    const issue = issueFor(call);
    const given =
      how === "clear"
        ? []
        : (labelNames(call) ?? (Array.isArray(call.body) ? (call.body as unknown[]).map(String) : []));
    const names = how === "add" ? [...issue.labels.map(({ name }) => name), ...given] : given;
    setLabels(call.world, issue, { names, actor: actorOf(call) });
    return how === "clear" ? NO_CONTENT : ok(issue.labels.map((label) => labelView(call.urls, call.repo, label)));
  };
}

function removeLabel(call: Call) {
  const issue = issueFor(call);
  const name = (call.params.name ?? "").toLowerCase();
  if (!issue.labels.some((label) => label.name.toLowerCase() === name)) throw new Refusal(404, "Label does not exist");
  setLabels(call.world, issue, {
    names: issue.labels.map((label) => label.name).filter((other) => other.toLowerCase() !== name),
    actor: actorOf(call),
  });
  return ok(issue.labels.map((label) => labelView(call.urls, call.repo, label)));
}

function timeline(call: Call) {
  const issue = issueFor(call);
  const rows = [
    ...issue.events.map((row) => ({ id: row.id, view: eventView(call.urls, issue, row) as object })),
    ...issue.comments.map((comment) => ({
      id: comment.id,
      view: { event: "commented", actor: userView(call.urls, comment.author), ...commentView(call.urls, comment) },
    })),
  ].sort((a, b) => a.id - b.id);
  return page(call, rows, ({ view }) => view);
}

const I = "/repos/{owner}/{repo}/issues";
const ONE = `${I}/{issue_number}`;

export const issueRoutes: Route[] = [
  route(`GET ${I}`, READ, listIssues),
  route(`POST ${I}`, "issues:write by read", createIssue),
  route(`GET ${ONE}`, READ, (call) => ok(issueView(call.urls, issueFor(call)))),
  route(`PATCH ${ONE}`, WRITE, updateIssue),
  route(`GET ${ONE}/comments`, READ, (call) =>
    page(call, since(call, issueFor(call).comments), (one) => commentView(call.urls, one)),
  ),
  route(`POST ${ONE}/comments`, WRITE, (call) => {
    const issue = issueFor(call);
    const isOut = issue.isLocked && !hasWrite(actorOf(call), call.repo);
    if (isOut) throw new Refusal(403, "Unable to create comment because issue is locked.");
    const body = required(call, "body", "IssueComment");
    return created(
      commentView(
        call.urls,
        addComment(call.world, issue, { author: actorOf(call), body, viaApp: appOf(call)?.id ?? null }),
      ),
    );
  }),
  route(`GET ${I}/comments`, READ, (call) => {
    const all = since(
      call,
      [...call.repo.issues.values()].flatMap(({ comments }) => comments),
    );
    const key = call.query.get("sort") === "updated" ? "updatedAt" : "createdAt";
    const sorted = all.sort((a, b) => (a[key] === b[key] ? a.id - b.id : a[key] < b[key] ? -1 : 1));
    return page(call, call.query.get("direction") === "desc" ? sorted.reverse() : sorted, (one) =>
      commentView(call.urls, one),
    );
  }),
  route(`GET ${I}/comments/{comment_id}`, READ, (call) => ok(commentView(call.urls, findComment(call)))),
  route(`PATCH ${I}/comments/{comment_id}`, WRITE, (call) => {
    const comment = findComment(call);
    mayChange(call, comment);
    editComment(call.world, comment, { body: required(call, "body", "IssueComment"), actor: actorOf(call) });
    return ok(commentView(call.urls, comment));
  }),
  route(`DELETE ${I}/comments/{comment_id}`, WRITE, (call) => {
    const comment = findComment(call);
    mayChange(call, comment);
    deleteComment(call.world, comment, actorOf(call));
    return NO_CONTENT;
  }),
  route(`POST ${ONE}/assignees`, TRIAGE, assign(true)),
  route(`DELETE ${ONE}/assignees`, TRIAGE, assign(false)),
  route(`GET ${ONE}/labels`, READ, (call) =>
    page(call, issueFor(call).labels, (label) => labelView(call.urls, call.repo, label)),
  ),
  route(`POST ${ONE}/labels`, TRIAGE, changeLabels("add")),
  route(`PUT ${ONE}/labels`, TRIAGE, changeLabels("set")),
  route(`DELETE ${ONE}/labels`, TRIAGE, changeLabels("clear")),
  route(`DELETE ${ONE}/labels/{name}`, TRIAGE, removeLabel),
  route(`GET ${ONE}/timeline`, READ, timeline),
  route(`GET ${ONE}/events`, READ, (call) => {
    const issue = issueFor(call);
    return page(call, issue.events, (row) => eventView(call.urls, issue, row));
  }),
  route("GET /repos/{owner}/{repo}/assignees", "metadata:read", (call) =>
    page(
      call,
      [...call.world.accounts.values()].filter((one) => one.type === "User" && canBeAssigned(one, call.repo)),
      (one) => userView(call.urls, one),
    ),
  ),
  route("GET /repos/{owner}/{repo}/assignees/{assignee}", "metadata:read", (call) => {
    const account = call.world.accounts.get((call.params.assignee ?? "").toLowerCase());
    if (account === undefined || !canBeAssigned(account, call.repo)) throw notFound();
    return NO_CONTENT;
  }),
];
