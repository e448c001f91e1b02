import { block, note } from "../domain/issues.ts";
import { actorOf, type Call, created, issueOf, ok, page } from "../http/call.ts";
import { custom, notFound } from "../http/failure.ts";
import { type Route, route } from "../http/router.ts";
import type { Issue } from "../model/issue.ts";
import { issueView } from "../views/issues.ts";

const I = "/repos/{owner}/{repo}/issues/{issue_number}";
const READ = "issues:read";
const WRITE = "issues:write by triage";

/** The issue with this id, in any repository. */
function withId(call: Call, id: unknown): Issue {
  const found = call.world.repos.flatMap(({ issues }) => [...issues.values()]).find((issue) => issue.id === Number(id));
  if (found === undefined) throw notFound();
  return found;
}

/** Whether one waits for the other, directly or through more. */
function waitsFor(issue: Issue, other: Issue): boolean {
  return issue === other || issue.blockedBy.some((one) => waitsFor(one, other));
}

function addBlocker(call: Call) {
  const issue = issueOf(call);
  const blocker = withId(call, call.body.issue_id);
  if (issue.blockedBy.includes(blocker)) throw custom("Issue", "Target issue has already been taken");
  if (waitsFor(blocker, issue)) throw custom("Issue", "Issue dependency would create a circular dependency");
  block(call.world, issue, { by: blocker, actor: actorOf(call) });
  return created(issueView(call.urls, issue));
}

function removeBlocker(call: Call) {
  const issue = issueOf(call);
  const blocker = withId(call, call.params.issue_id);
  issue.blockedBy = issue.blockedBy.filter((other) => other !== blocker);
  note(call.world, issue, { event: "blocked_by_removed", actor: actorOf(call) });
  return ok(issueView(call.urls, issue));
}

function addSubIssue(call: Call) {
  const parent = issueOf(call);
  const child = withId(call, call.body.sub_issue_id);
  if (child.parent !== null && call.body.replace_parent !== true) {
    throw custom("Issue", "Issue may not contain duplicate sub-issues and Sub issue may only have one parent");
  }
  for (let one: Issue | null = parent; one !== null; one = one.parent) {
    if (one === child) throw custom("Issue", "Sub issue may not create a circular dependency");
  }
  if (child.parent !== null) child.parent.subIssues = child.parent.subIssues.filter((other) => other !== child);
  child.parent = parent;
  parent.subIssues.push(child);
  note(call.world, parent, { event: "sub_issue_added", actor: actorOf(call) });
  return created(issueView(call.urls, parent));
}

function removeSubIssue(call: Call) {
  const parent = issueOf(call);
  const child = withId(call, call.body.sub_issue_id);
  if (child.parent !== parent) throw notFound();
  child.parent = null;
  parent.subIssues = parent.subIssues.filter((other) => other !== child);
  note(call.world, parent, { event: "sub_issue_removed", actor: actorOf(call) });
  return ok(issueView(call.urls, parent));
}

export const relationRoutes: Route[] = [
  route(`GET ${I}/dependencies/blocked_by`, READ, (call) =>
    page(call, issueOf(call).blockedBy, (one) => issueView(call.urls, one)),
  ),
  route(`POST ${I}/dependencies/blocked_by`, WRITE, addBlocker),
  route(`DELETE ${I}/dependencies/blocked_by/{issue_id}`, WRITE, removeBlocker),
  route(`GET ${I}/dependencies/blocking`, READ, (call) => {
    const issue = issueOf(call);
    const all = call.world.repos.flatMap(({ issues }) => [...issues.values()]);
    return page(
      call,
      all.filter(({ blockedBy }) => blockedBy.includes(issue)),
      (one) => issueView(call.urls, one),
    );
  }),
  route(`GET ${I}/sub_issues`, READ, (call) => page(call, issueOf(call).subIssues, (one) => issueView(call.urls, one))),
  route(`POST ${I}/sub_issues`, WRITE, addSubIssue),
  route(`DELETE ${I}/sub_issue`, WRITE, removeSubIssue),
  route(`GET ${I}/parent`, READ, (call) => {
    const { parent } = issueOf(call);
    if (parent === null) throw notFound();
    return ok(issueView(call.urls, parent));
  }),
];
