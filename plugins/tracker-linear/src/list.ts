import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { IssueFilters } from "@agent-orchestrator/core/slots/tracker";
import type { Desk } from "./desk.ts";
import type { CycleFilter, IssueFilter } from "./inputs.ts";
import { listLinear } from "./issue.ts";
import { userOf } from "./users.ts";

const OVER = ["completed", "canceled", "duplicate"];

/** Issues of the team. What is archived is not listed. */
export async function listIssues(desk: Desk, filters: IssueFilters, options: CallOptions = {}): Promise<Issue[]> {
  const { state = "open", labels = [], assignee, cycle, limit = Number.POSITIVE_INFINITY } = filters;
  const team = await desk.team(options);
  const user = assignee === undefined ? null : await userOf(desk.linear, assignee, options);
  const filter: IssueFilter = {
    team: { id: { eq: team.id } },
    ...(state === "all" ? {} : { state: { type: { [state === "open" ? "nin" : "in"]: OVER } } }),
    ...(labels.length === 0
      ? {}
      : { and: labels.map((name) => ({ labels: { some: { name: { eqIgnoreCase: name } } } })) }),
    ...(user === null ? {} : { assignee: { id: { eq: user.id } } }),
    ...(cycle === undefined ? {} : { cycle: cycleFilter(cycle) }),
  };
  return listLinear(desk, { filter, limit }, options);
}

function cycleFilter(cycle: string): CycleFilter {
  const word = cycle.trim().toLowerCase();
  if (word === "current" || word === "active") return { isActive: { eq: true } };
  if (word === "next") return { isNext: { eq: true } };
  if (word === "previous") return { isPrevious: { eq: true } };
  const isNumber = /^\d{1,6}$/.test(word);
  return isNumber
    ? { or: [{ number: { eq: Number(word) } }, { name: { eq: cycle } }] }
    : { name: { eqIgnoreCase: cycle } };
}
