import { notFound } from "./failure.ts";
import { fits } from "./filter.ts";
import type { Access, Issue, Team, User } from "./model.ts";
import type { Workspace } from "./workspace.ts";

export interface Context {
  workspace: Workspace;
  access: Access;
}
export type Arguments = Record<string, unknown>;
export type Resolver = (source: never, args: Arguments, context: Context) => unknown;

const PAGE = 50;
const MAX_PAGE = 250;

/** A page of a connection: newest first, as Linear sorts by default. */
export function connection(items: readonly { id: string }[], args: Arguments): Record<string, unknown> {
  const filter = args.filter as Record<string, unknown> | undefined;
  const all = filter === undefined ? items : items.filter((item) => fits(item, filter));
  const start = args.after === undefined || args.after === null ? 0 : 1 + all.findIndex(({ id }) => id === args.after);
  const nodes = all.slice(start, start + Math.min(Number(args.first ?? PAGE), MAX_PAGE));
  const pageInfo = {
    hasNextPage: start + nodes.length < all.length,
    hasPreviousPage: start > 0,
    startCursor: nodes[0]?.id ?? null,
    endCursor: nodes.at(-1)?.id ?? null,
  };
  return { nodes, pageInfo, edges: nodes.map((node) => ({ node, cursor: node.id })) };
}

const sees = ({ access }: Context, team: Team): boolean => access.teams === null || access.teams.includes(team.key);

/** By UUID or identifier, those of its former teams too. Throws Linear's error. */
export function issueOf(context: Context, id: unknown): Issue {
  const wanted = String(id);
  const found = context.workspace.issues.find(
    (one) => one.id === wanted || [one.identifier, ...one.previousIdentifiers].includes(wanted.toUpperCase()),
  );
  if (found === undefined || !sees(context, found.team)) throw notFound("Issue");
  return found;
}

const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);

const PRIORITIES = ["No priority", "Urgent", "High", "Medium", "Low"];
const newest = <T extends { createdAt: string }>(items: readonly T[]): T[] => [...items].reverse();
const member = (name: string) => (source: Record<string, never>, args: Arguments) =>
  connection(source[name] ?? [], args);

/** What can't be read from a record as it is. */
export const READ: Record<string, Record<string, Resolver>> = {
  Query: {
    viewer: (_source, _args, { access }) => access.user,
    organization: (_source, _args, { workspace }) => workspace.organization,
    issue: (_source, { id }, context) => issueOf(context, id),
    issues: (_source, args, context) => {
      const { workspace, access } = context;
      const users = workspace.users as (User & { isMe?: boolean })[];
      for (const user of users) user.isMe = user === access.user;
      const seen = workspace.issues.filter((one) => sees(context, one.team) && one.archivedAt === null);
      return connection(newest(seen), args);
    },
    team: (_source, { id }, context) => {
      const team = context.workspace.teams.find((one) => one.id === id || one.key === id);
      if (team === undefined || !sees(context, team)) throw notFound("Team");
      return team;
    },
    teams: (_source, args, context) =>
      connection(
        context.workspace.teams.filter((one) => sees(context, one)),
        args,
      ),
    issueLabels: (_source, args, { workspace }) => connection(workspace.labels, args),
    workflowStates: (_source, args, { workspace }) =>
      connection(
        workspace.teams.flatMap(({ states }) => states),
        args,
      ),
    workflowState: (_source, { id }, { workspace }) => {
      const state = workspace.teams.flatMap(({ states }) => states).find((one) => one.id === id);
      if (state === undefined) throw notFound("WorkflowState");
      return state;
    },
    users: (_source, args, { workspace }) => connection(workspace.users, args),
  },
  Issue: {
    url: ({ identifier, title }: Issue, _args, { workspace }) =>
      `https://linear.app/${workspace.organization.urlKey}/issue/${identifier}/${slug(title)}`,
    branchName: ({ identifier, title }: Issue, _args, { access }) =>
      `${slug(access.user.displayName)}/${identifier.toLowerCase()}-${slug(title)}`,
    priorityLabel: ({ priority }: Issue) => PRIORITIES[priority],
    labels: member("labels"),
    children: member("children"),
    attachments: member("attachments"),
    comments: (source: Issue, args) => connection(newest(source.comments), args),
    relations: (source: Issue, args, { workspace }) =>
      connection(
        workspace.relations.filter(({ issue }) => issue === source),
        args,
      ),
    inverseRelations: (source: Issue, args, { workspace }) =>
      connection(
        workspace.relations.filter(({ relatedIssue }) => relatedIssue === source),
        args,
      ),
  },
  Team: {
    states: member("states"),
    cycles: member("cycles"),
    organization: (_source, _args, { workspace }) => workspace.organization,
    labels: (source: Team, args, { workspace }) =>
      connection(
        workspace.labels.filter(({ team }) => team === source),
        args,
      ),
    issues: (source: Team, args, { workspace }) =>
      connection(newest(workspace.issues.filter(({ team }) => team === source)), args),
    activeCycle: ({ cycles }: Team) => cycles.find(({ isActive }) => isActive) ?? null,
  },
  User: {
    isMe: (source: User, _args, { access }) => source === access.user,
  },
};
