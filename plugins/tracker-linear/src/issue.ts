import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { addressOf, type Reference } from "./reference.ts";
import { issueStateOf, type StateInfo } from "./states.ts";
import type { UserInfo } from "./users.ts";

/** Of an issue that another one has to do with. */
const RELATED = "identifier title url trashed state { type }";
const FIELDS = `
  id identifier title description url branchName trashed priority priorityLabel estimate
  state { id name type position }
  team { id key }
  assignee { id displayName }
  delegate { id displayName }
  parent { identifier title }
  project { name }
  labels(first: 50) { nodes { id name } }`;

export interface Related {
  identifier: string;
  title: string;
  url: string;
  trashed: boolean | null;
  state: { type: string };
}

/** An issue as Linear gives it, as far as we use it. */
export interface LinearIssue extends Omit<Related, "state"> {
  id: string;
  description: string | null;
  branchName: string;
  priority: number;
  priorityLabel: string;
  estimate: number | null;
  state: StateInfo;
  team: { id: string; key: string };
  assignee: UserInfo | null;
  delegate: UserInfo | null;
  parent: { identifier: string; title: string } | null;
  project: { name: string } | null;
  labels: { nodes: { id: string; name: string }[] };
}

/** Reads one issue with more of its members. Throws NOT_FOUND, also for one in the trash or in another workspace. */
export async function readLinear<More = unknown>(
  desk: Desk,
  { id, workspace }: Reference,
  { more = "", ...options }: CallOptions & { more?: string } = {},
): Promise<LinearIssue & More> {
  const query = `query Issue($id: String!) { issue(id: $id) { ${FIELDS} ${more} } }`;
  const asking = desk.linear.ask<{ issue: LinearIssue & More }>(
    query,
    { id },
    { what: `read issue ${id}`, ...options },
  );
  const { issue } = await asking.catch((error: unknown) => {
    throw isNotFound(error) ? missing(id) : error;
  });
  const there = addressOf(issue.url).workspace;
  desk.workspace = there ?? desk.workspace;
  if (issue.trashed === true) {
    throw new AoError("NOT_FOUND", `issue ${issue.identifier} is in the trash of Linear`, {
      hint: "Restore it there.",
    });
  }
  if (workspace !== null && there !== null && workspace !== there) {
    throw new AoError("NOT_FOUND", `${id} is an issue of the workspace ${workspace}, and the key is for ${there}`, {
      hint: "Use a key of that workspace.",
    });
  }
  return issue;
}

const isNotFound = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === "NOT_FOUND";

const missing = (id: string): AoError =>
  new AoError("NOT_FOUND", `there is no issue ${id} in Linear, or the key may not see it`, {
    hint: "Check the identifier, and whether the account of the key is a member of its team.",
  });

export const readIssue = async (desk: Desk, reference: Reference, options?: CallOptions): Promise<Issue> =>
  toIssue(await readLinear(desk, reference, options));

export const isClosed = ({ state }: Pick<Issue, "state">): boolean => state === "closed" || state === "cancelled";

const line = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, " ");

function toIssue(issue: LinearIssue): Issue {
  return {
    ...related(issue),
    description: (issue.description ?? "").replace(/\r\n/g, "\n").trim(),
    labels: issue.labels.nodes.map(({ name }) => name),
    branchName: issue.branchName,
    priority: issue.priority,
    uuid: issue.id,
    stateName: issue.state.name,
    team: issue.team.key,
    ...(issue.estimate === null ? {} : { estimate: issue.estimate }),
    ...(issue.assignee && { assignee: issue.assignee.displayName, assigneeId: issue.assignee.id }),
    ...(issue.delegate && { delegate: issue.delegate.displayName, delegateId: issue.delegate.id }),
    ...(issue.parent && { parent: issue.parent.identifier }),
  };
}

const related = (issue: Related): Issue => ({
  id: issue.identifier,
  title: line(issue.title),
  description: "",
  url: addressOf(issue.url).url,
  state: issueStateOf(issue.state.type),
  labels: [],
});

const PAGE = 50;

/** Newest first, page by page. */
export async function listLinear(
  desk: Desk,
  { filter, limit }: { filter: object; limit: number },
  options?: CallOptions,
): Promise<Issue[]> {
  const query = `query Issues($filter: IssueFilter, $first: Int!, $after: String) {
    issues(filter: $filter, first: $first, after: $after, orderBy: createdAt) {
      nodes { ${FIELDS} } pageInfo { hasNextPage endCursor }
    }
  }`;
  type Page = { nodes: LinearIssue[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
  const what = `list the issues of ${desk.options.team}`;
  const found: Issue[] = [];
  let after: string | null = null;
  do {
    const variables: object = { filter, first: Math.min(PAGE, limit - found.length), after };
    const answer: { issues: Page } = await desk.linear.ask(query, { ...variables }, { what, ...options });
    found.push(...answer.issues.nodes.map(toIssue));
    after = answer.issues.pageInfo.hasNextPage ? answer.issues.pageInfo.endCursor : null;
  } while (after !== null && found.length < limit);
  return found.slice(0, limit);
}

const MAX_RELATED = 100;

/** Open issues that this one is "blocked by", and its own open sub-issues. */
export async function blockersOf(desk: Desk, reference: Reference, options?: CallOptions): Promise<Issue[]> {
  type More = { inverseRelations: { nodes: { type: string; issue: Related }[] }; children: { nodes: Related[] } };
  const more = `inverseRelations(first: ${MAX_RELATED}) { nodes { type issue { ${RELATED} } } }
    children(first: ${MAX_RELATED}) { nodes { ${RELATED} } }`;
  const { inverseRelations, children } = await readLinear<More>(desk, reference, { more, ...options });
  const blocking = inverseRelations.nodes.filter(({ type }) => type === "blocks").map(({ issue }) => issue);
  const all = new Map([...blocking, ...children.nodes].map((one) => [one.identifier, one]));
  return [...all.values()]
    .filter(({ trashed }) => trashed !== true)
    .map(related)
    .filter((one) => !isClosed(one));
}
