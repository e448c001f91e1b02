import type { Issue } from "../model/issue.ts";
import type { PageArgs } from "./scope.ts";

interface Order {
  field: string;
  direction: "ASC" | "DESC";
}

export interface Filters extends PageArgs {
  states?: string[] | null;
  labels?: string[] | null;
  orderBy?: Order | null;
  headRefName?: string | null;
  baseRefName?: string | null;
  filterBy?: Record<string, unknown> | null;
}

export const stateOf = (issue: Issue): string => (issue.pull?.mergedAt != null ? "MERGED" : issue.state.toUpperCase());

export function filtered<T extends Issue>(issues: T[], args: Filters): T[] {
  const by = args.filterBy ?? {};
  const labels = [...(args.labels ?? []), ...((by.labels as string[] | null | undefined) ?? [])].map((name) =>
    name.toLowerCase(),
  );
  const states = args.states ?? (by.states as string[] | null | undefined) ?? null;
  const found = issues.filter((issue) => {
    if (states !== null && !states.includes(stateOf(issue))) return false;
    if (labels.length > 0 && !issue.labels.some(({ name }) => labels.includes(name.toLowerCase()))) return false;
    if (by.createdBy != null && issue.author.login !== by.createdBy) return false;
    if (
      by.assignee != null &&
      !(by.assignee === "*" ? issue.assignees.length > 0 : issue.assignees.some(({ login }) => login === by.assignee))
    )
      return false;
    if (by.since != null && issue.updatedAt < String(by.since)) return false;
    if (args.headRefName != null && issue.pull?.headRef !== args.headRefName) return false;
    return args.baseRefName == null || issue.pull?.baseRef === args.baseRefName;
  });
  const key = args.orderBy?.field === "UPDATED_AT" ? "updatedAt" : "createdAt";
  const up = found.sort((a, b) => (a[key] === b[key] ? a.number - b.number : a[key] < b[key] ? -1 : 1));
  return args.orderBy?.direction === "DESC" ? up.reverse() : up;
}
