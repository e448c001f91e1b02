import { custom, invalid } from "../http/failure.ts";
import type { Account } from "../model/accounts.ts";
import type { Comment, Issue, IssueEvent, Label, Milestone } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { isPull, type World } from "../world.ts";
import { roleOf, roleRank } from "./access.ts";

export interface NewIssue {
  title: string;
  body?: string | null;
  labels?: string[];
  assignees?: string[];
  milestone?: number | null;
}

/** The event's name and subject for an issue or a pull request: GitHub has one for each. */
export function aboutIssue(issue: Issue): { event: string; subject: Record<string, unknown> } {
  return isPull(issue)
    ? { event: "pull_request", subject: { pull_request: issue } }
    : { event: "issues", subject: { issue } };
}

/** Adds a row to the timeline, and tells webhooks unless GitHub has none for it. */
export function note(
  world: World,
  issue: Issue,
  row: { event: string; actor: Account; details?: Record<string, unknown> },
): void {
  const { event, actor, details = {} } = row;
  issue.updatedAt = world.iso();
  issue.events.push(world.add<IssueEvent>("E", { event, actor, createdAt: world.iso(), details }));
}

export function block(world: World, issue: Issue, { by, actor }: { by: Issue; actor: Account }): void {
  issue.blockedBy.push(by);
  note(world, issue, { event: "blocked_by_added", actor });
}

export function announce(
  world: World,
  issue: Issue,
  row: { action: string; actor: Account; more?: Record<string, unknown> },
): void {
  const { event, subject } = aboutIssue(issue);
  world.emit({ repo: issue.repo, event, action: row.action, actor: row.actor, subject: { ...subject, ...row.more } });
}

export function nextNumber(repo: Repo): number {
  return Math.max(0, ...repo.issues.keys()) + 1;
}

export function blankIssue(
  world: World,
  repo: Repo,
  given: { author: Account; title: string; body: string | null },
): Omit<Issue, "id" | "nodeId"> {
  const now = world.iso();
  return {
    ...given,
    repo,
    number: nextNumber(repo),
    state: "open",
    stateReason: null,
    labels: [],
    assignees: [],
    milestone: null,
    comments: [],
    events: [],
    isLocked: false,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    parent: null,
    subIssues: [],
    blockedBy: [],
    pull: null,
  };
}

export function openIssue(world: World, repo: Repo, given: NewIssue & { author: Account; byApp?: boolean }): Issue {
  if (given.title.trim() === "") throw invalid({ resource: "Issue", field: "title", code: "missing_field" });
  const issue = world.add<Issue>(
    "I",
    blankIssue(world, repo, { author: given.author, title: given.title, body: given.body ?? null }),
  );
  repo.issues.set(issue.number, issue);
  // Without push access, labels, assignees and milestone are dropped in silence.
  if (given.byApp === true || roleRank(roleOf(given.author, repo)) >= roleRank("triage")) {
    issue.labels = (given.labels ?? []).map((name) => labelNamed(world, repo, name));
    issue.assignees = assignable(world, repo, given.assignees ?? []);
    issue.milestone = repo.milestones.find(({ number }) => number === given.milestone) ?? null;
  }
  announce(world, issue, { action: "opened", actor: given.author });
  return issue;
}

export function findLabel(repo: Repo, name: string): Label | null {
  return repo.labels.find((label) => label.name.toLowerCase() === name.toLowerCase()) ?? null;
}

/** GitHub makes a label that an issue names and that is not there yet. */
export function labelNamed(world: World, repo: Repo, name: string): Label {
  const known = findLabel(repo, name);
  if (known !== null) return known;
  const label = world.add<Label>("LA", { name, color: "ededed", description: null });
  repo.labels.push(label);
  return label;
}

export function setLabels(world: World, issue: Issue, { names, actor }: { names: string[]; actor: Account }): void {
  const wanted = [...new Set(names.map((name) => labelNamed(world, issue.repo, name)))];
  const [gone, added] = [
    issue.labels.filter((label) => !wanted.includes(label)),
    wanted.filter((label) => !issue.labels.includes(label)),
  ];
  issue.labels = [...issue.labels.filter((label) => wanted.includes(label)), ...added];
  for (const [event, labels] of [
    ["unlabeled", gone],
    ["labeled", added],
  ] as const) {
    for (const label of labels) {
      note(world, issue, { event, actor, details: { label: { name: label.name, color: label.color } } });
      announce(world, issue, { action: event, actor, more: { label } });
    }
  }
}

/** Those of the logins who can be assigned. GitHub drops the others in silence. */
export function assignable(world: World, repo: Repo, logins: readonly string[]): Account[] {
  const accounts = logins
    .map((login) => world.accounts.get(login.toLowerCase()))
    .filter((account) => account !== undefined);
  return accounts.filter((account) => canBeAssigned(account, repo)).slice(0, 10);
}

export function canBeAssigned(account: Account, repo: Repo): boolean {
  return roleRank(roleOf(account, repo)) >= roleRank("triage") || repo.owner.members.has(account.login);
}

export function setAssignees(
  world: World,
  issue: Issue,
  { logins, actor }: { logins: string[]; actor: Account },
): void {
  const wanted = assignable(world, issue.repo, logins);
  const before = issue.assignees;
  issue.assignees = wanted;
  for (const [event, people] of [
    ["unassigned", before.filter((one) => !wanted.includes(one))],
    ["assigned", wanted.filter((one) => !before.includes(one))],
  ] as const) {
    for (const assignee of people) {
      note(world, issue, { event, actor, details: { assignee } });
      announce(world, issue, { action: event, actor, more: { assignee } });
    }
  }
}

export function setMilestone(
  world: World,
  issue: Issue,
  { milestone, actor }: { milestone: Milestone | null; actor: Account },
): void {
  if (issue.milestone === milestone) return;
  const event = milestone === null ? "demilestoned" : "milestoned";
  const subject = milestone ?? issue.milestone;
  issue.milestone = milestone;
  note(world, issue, { event, actor, details: { milestone: { title: subject?.title } } });
  announce(world, issue, { action: event, actor, more: { milestone: subject } });
}

export interface Closing {
  actor: Account;
  reason?: Issue["stateReason"];
  /** The commit or pull request that closed it. */
  by?: { commitSha: string | null };
}

export function closeIssue(world: World, issue: Issue, { actor, reason = "completed", by }: Closing): void {
  if (issue.state === "closed") return;
  Object.assign(issue, {
    state: "closed",
    stateReason: isPull(issue) ? null : reason,
    closedAt: world.iso(),
    closedBy: actor,
  });
  note(world, issue, { event: "closed", actor, details: { commit_id: by?.commitSha ?? null } });
  announce(world, issue, { action: "closed", actor });
}

export function reopenIssue(world: World, issue: Issue, actor: Account): void {
  if (issue.state === "open") return;
  if (issue.pull?.mergedAt != null)
    throw custom("Issue", "state cannot be changed. The pull request cannot be reopened.");
  Object.assign(issue, {
    state: "open",
    stateReason: isPull(issue) ? null : "reopened",
    closedAt: null,
    closedBy: null,
  });
  note(world, issue, { event: "reopened", actor });
  announce(world, issue, { action: "reopened", actor });
}

export function editIssue(
  world: World,
  issue: Issue,
  change: { actor: Account; title?: string; body?: string | null },
): void {
  const changes: Record<string, unknown> = {};
  if (change.title !== undefined && change.title !== issue.title) {
    changes.title = { from: issue.title };
    note(world, issue, {
      event: "renamed",
      actor: change.actor,
      details: { rename: { from: issue.title, to: change.title } },
    });
    issue.title = change.title;
  }
  if (change.body !== undefined && change.body !== issue.body) {
    changes.body = { from: issue.body ?? "" };
    issue.body = change.body;
  }
  if (Object.keys(changes).length === 0) return;
  issue.updatedAt = world.iso();
  announce(world, issue, { action: "edited", actor: change.actor, more: { changes } });
}

export function addComment(
  world: World,
  issue: Issue,
  given: { author: Account; body: string; viaApp?: number | null },
): Comment {
  if (given.body.trim() === "") throw invalid({ resource: "IssueComment", field: "body", code: "missing_field" });
  if (given.body.length > 65_536) throw custom("IssueComment", "body is too long (maximum is 65536 characters)");
  const now = world.iso();
  const comment = world.add<Comment>("IC", {
    issue,
    author: given.author,
    body: given.body,
    createdAt: now,
    updatedAt: now,
    viaApp: given.viaApp ?? null,
  });
  issue.comments.push(comment);
  issue.updatedAt = now;
  tellComment(world, comment, { action: "created", actor: given.author });
  return comment;
}

export function editComment(world: World, comment: Comment, { body, actor }: { body: string; actor: Account }): void {
  const from = comment.body;
  Object.assign(comment, { body, updatedAt: world.iso() });
  tellComment(world, comment, { action: "edited", actor, more: { changes: { body: { from } } } });
}

export function deleteComment(world: World, comment: Comment, actor: Account): void {
  comment.issue.comments = comment.issue.comments.filter((other) => other !== comment);
  world.nodes.delete(comment.nodeId);
  tellComment(world, comment, { action: "deleted", actor });
}

function tellComment(
  world: World,
  comment: Comment,
  row: { action: string; actor: Account; more?: Record<string, unknown> },
): void {
  const { issue } = comment;
  world.emit({
    repo: issue.repo,
    event: "issue_comment",
    action: row.action,
    actor: row.actor,
    subject: { issue, comment, ...row.more },
  });
}
