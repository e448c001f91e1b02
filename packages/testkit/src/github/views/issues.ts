import type { Urls } from "../http/call.ts";
import type { Comment, Issue, IssueEvent, Label, Milestone } from "../model/issue.ts";
import type { Repo } from "../model/repo.ts";
import { isPull } from "../world.ts";
import { association, links, userOrNull, userView } from "./accounts.ts";
import { repoApi, repoHtml } from "./repos.ts";

export function labelView(urls: Urls, repo: Repo, label: Label) {
  return {
    id: label.id,
    node_id: label.nodeId,
    url: `${repoApi(urls, repo)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

export function milestoneView(urls: Urls, repo: Repo, milestone: Milestone) {
  const { number } = milestone;
  const of = [...repo.issues.values()].filter((issue) => issue.milestone === milestone);
  return {
    url: `${repoApi(urls, repo)}/milestones/${number}`,
    html_url: `${repoHtml(urls, repo)}/milestone/${number}`,
    labels_url: `${repoApi(urls, repo)}/milestones/${number}/labels`,
    id: milestone.id,
    node_id: milestone.nodeId,
    number,
    title: milestone.title,
    description: milestone.description,
    creator: userView(urls, milestone.creator),
    open_issues: of.filter(({ state }) => state === "open").length,
    closed_issues: of.filter(({ state }) => state === "closed").length,
    state: milestone.state,
    created_at: milestone.createdAt,
    updated_at: milestone.updatedAt,
    due_on: milestone.dueOn,
    closed_at: milestone.closedAt,
  };
}

export const issueApi = (urls: Urls, issue: Issue): string => `${repoApi(urls, issue.repo)}/issues/${issue.number}`;

export const issueHtml = (urls: Urls, issue: Issue): string =>
  `${repoHtml(urls, issue.repo)}/${isPull(issue) ? "pull" : "issues"}/${issue.number}`;

/** What issues and pull requests show alike. */
export function commonView(urls: Urls, issue: Issue) {
  const { repo } = issue;
  return {
    id: issue.id,
    node_id: issue.nodeId,
    number: issue.number,
    title: issue.title,
    user: userView(urls, issue.author),
    labels: issue.labels.map((label) => labelView(urls, repo, label)),
    state: issue.state,
    locked: issue.isLocked,
    assignee: userOrNull(urls, issue.assignees[0] ?? null),
    assignees: issue.assignees.map((one) => userView(urls, one)),
    milestone: issue.milestone === null ? null : milestoneView(urls, repo, issue.milestone),
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(issue.author, repo),
    active_lock_reason: null,
    body: issue.body,
  };
}

const reactionsView = (url: string) => ({
  url: `${url}/reactions`,
  total_count: 0,
  "+1": 0,
  "-1": 0,
  laugh: 0,
  hooray: 0,
  confused: 0,
  heart: 0,
  rocket: 0,
  eyes: 0,
});

export function issueView(urls: Urls, issue: Issue) {
  const api = issueApi(urls, issue);
  const html = issueHtml(urls, issue);
  const done = issue.subIssues.filter(({ state }) => state === "closed").length;
  const total = issue.subIssues.length;
  const blocking = [...issue.repo.issues.values()].filter(({ blockedBy }) => blockedBy.includes(issue));
  const isOpen = ({ state }: Issue) => state === "open";
  return {
    ...commonView(urls, issue),
    url: api,
    repository_url: repoApi(urls, issue.repo),
    ...links(api, {
      labels_url: "/labels{/name}",
      comments_url: "/comments",
      events_url: "/events",
      timeline_url: "/timeline",
    }),
    html_url: html,
    comments: issue.comments.length,
    type: null,
    sub_issues_summary: {
      total,
      completed: done,
      percent_completed: total === 0 ? 0 : Math.floor((done * 100) / total),
    },
    issue_dependencies_summary: {
      blocked_by: issue.blockedBy.filter(isOpen).length,
      total_blocked_by: issue.blockedBy.length,
      blocking: blocking.filter(isOpen).length,
      total_blocking: blocking.length,
    },
    ...(issue.parent === null ? {} : { parent_issue_url: issueApi(urls, issue.parent) }),
    closed_by: userOrNull(urls, issue.closedBy),
    reactions: reactionsView(api),
    performed_via_github_app: null,
    state_reason: issue.stateReason,
    ...(isPull(issue)
      ? {
          draft: issue.pull.isDraft,
          pull_request: {
            url: `${repoApi(urls, issue.repo)}/pulls/${issue.number}`,
            html_url: html,
            diff_url: `${html}.diff`,
            patch_url: `${html}.patch`,
            merged_at: issue.pull.mergedAt,
          },
        }
      : {}),
  };
}

export function commentView(urls: Urls, comment: Comment) {
  const { issue } = comment;
  const url = `${repoApi(urls, issue.repo)}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: comment.nodeId,
    url,
    html_url: `${issueHtml(urls, issue)}#issuecomment-${comment.id}`,
    issue_url: issueApi(urls, issue),
    user: userView(urls, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(comment.author, issue.repo),
    body: comment.body,
    reactions: reactionsView(url),
    performed_via_github_app: null,
  };
}

export function eventView(urls: Urls, issue: Issue, row: IssueEvent) {
  // Only GraphQL shows the commit before.
  const { before: _, ...shown } = row.details;
  const details = Object.entries(shown).map(([key, value]): [string, unknown] => [
    key,
    value !== null && typeof value === "object" && "login" in value ? userView(urls, value as never) : value,
  ]);
  return {
    id: row.id,
    node_id: row.nodeId,
    url: `${repoApi(urls, issue.repo)}/issues/events/${row.id}`,
    actor: userView(urls, row.actor),
    event: row.event,
    commit_id: null,
    commit_url: null,
    created_at: row.createdAt,
    performed_via_github_app: null,
    ...Object.fromEntries(details),
  };
}
