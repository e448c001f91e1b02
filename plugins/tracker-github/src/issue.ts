import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { IssueFilters } from "@agent-orchestrator/core/slots/tracker";
import { sayIn } from "@agent-orchestrator/plugin-kit/github/missing";
import { type Desk, target } from "./desk.ts";
import { formatReference, parseReference, type Reference } from "./reference.ts";

/** An issue as REST gives it, as far as we use it. */
interface RestIssue {
  number: number;
  title: string;
  body?: string | null;
  html_url: string;
  state: string;
  state_reason?: string | null;
  labels: (string | { name?: string | null })[];
  assignee?: { login: string } | null;
  assignees?: { login: string }[] | null;
  milestone?: { title: string } | null;
  pull_request?: unknown;
  /** Absent on servers that know no such relations. `blocked_by` counts open ones. */
  issue_dependencies_summary?: { blocked_by: number };
  sub_issues_summary?: { total: number; completed: number };
}

/** Throws NOT_FOUND, also for a pull request, which shares its numbers with issues. */
export async function readIssue(desk: Desk, reference: Reference, options?: CallOptions): Promise<Issue> {
  const { repo, number } = reference;
  const { data } = await sayIn(
    desk.github,
    {
      what: `read issue ${number} of ${repo.owner}/${repo.name}`,
      place: { repo, thing: `issue ${number}` },
      step: () => desk.github.rest.issues.get({ ...target(repo, options), issue_number: number }),
    },
    options,
  );
  if (data.pull_request !== undefined) {
    throw new AoError("NOT_FOUND", `${number} is a pull request of ${repo.owner}/${repo.name}, not an issue`, {
      hint: `To take it over: ao spawn --pr ${number}`,
    });
  }
  return toIssue(desk, reference, data);
}

export const assigneesOf = ({ assignees }: Issue): string[] => (Array.isArray(assignees) ? assignees.map(String) : []);

export const isClosed = ({ state }: Pick<Issue, "state">): boolean => state === "closed" || state === "cancelled";

function toIssue(desk: Desk, reference: Reference, data: RestIssue): Issue {
  const labels = data.labels.flatMap((label) => (typeof label === "string" ? label : (label.name ?? [])));
  const assignees = (data.assignees ?? []).map(({ login }) => login);
  const { issue_dependencies_summary: blocked, sub_issues_summary: parts } = data;
  return {
    id: formatReference(reference, desk.repo),
    title: data.title.replace(/\s*[\r\n]+\s*/g, " "),
    description: (data.body ?? "").replace(/\r\n/g, "\n").trim(),
    url: data.html_url,
    state: stateOf(data, labels, desk.options.inProgressLabel),
    labels,
    assignees,
    ...(data.assignee ? { assignee: data.assignee.login } : {}),
    ...(blocked ? { openBlockers: blocked.blocked_by } : {}),
    ...(parts ? { openSubIssues: parts.total - parts.completed } : {}),
    ...(data.milestone ? { milestone: data.milestone.title } : {}),
  };
}

function stateOf(data: RestIssue, labels: readonly string[], inProgress: string): Issue["state"] {
  if (data.state === "closed") return data.state_reason === "not_planned" ? "cancelled" : "closed";
  return labels.includes(inProgress) ? "in_progress" : "open";
}

const PAGE = 100;

/** Newest first, without pull requests, as many pages as needed. */
export async function listIssues(desk: Desk, filters: IssueFilters, options?: CallOptions): Promise<Issue[]> {
  const { state = "open", labels = [], assignee, limit = Number.POSITIVE_INFINITY } = filters;
  if (filters.cycle !== undefined) throw new AoError("UNAVAILABLE", "issues on GitHub have no cycles");
  const found: Issue[] = [];
  for (let page = 1; found.length < limit; page++) {
    const step = () =>
      desk.github.rest.issues.listForRepo({
        ...target(desk.repo, options),
        state,
        per_page: PAGE,
        page,
        ...(labels.length === 0 ? {} : { labels: labels.join(",") }),
        ...(assignee === undefined ? {} : { assignee }),
      });
    const what = `list the issues of ${desk.repo.owner}/${desk.repo.name}`;
    const { data } = await sayIn(desk.github, { what, place: { repo: desk.repo }, step }, options);
    for (const one of data) {
      if (one.pull_request === undefined) found.push(toIssue(desk, { repo: desk.repo, number: one.number }, one));
    }
    if (data.length < PAGE) break;
  }
  return found.slice(0, limit);
}

/** Open issues that this one is "blocked by" on GitHub, of whichever repository, and its own open sub-issues. */
export async function blockersOf(desk: Desk, issue: Issue, options?: CallOptions): Promise<Issue[]> {
  const { repo, number } = parseReference(issue.id, desk);
  const { issues } = desk.github.rest;
  const at = { ...target(repo, options), issue_number: number, per_page: PAGE };
  const lists = [
    { count: issue.openBlockers, read: (page: number) => issues.listDependenciesBlockedBy({ ...at, page }) },
    { count: issue.openSubIssues, read: (page: number) => issues.listSubIssues({ ...at, page }) },
  ];
  const found = new Map<string, Issue>();
  for (const { read } of lists.filter(({ count }) => typeof count === "number" && count > 0)) {
    for (let page = 1; ; page++) {
      const { data } = await desk.github.say(`read what issue ${number} waits for`, () => read(page));
      for (const one of data) found.set(one.html_url, toIssue(desk, parseReference(one.html_url, desk), one));
      if (data.length < PAGE) break;
    }
  }
  return [...found.values()].filter((one) => !isClosed(one));
}
