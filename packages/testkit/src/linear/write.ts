import { invalid, notFound } from "./failure.ts";
import type { Issue, Label, State, Team, User } from "./model.ts";
import { type Context, issueOf, type Resolver } from "./read.ts";
import type { NewIssue } from "./workspace.ts";

interface IssueInput {
  title?: string | null;
  description?: string | null;
  stateId?: string | null;
  assigneeId?: string | null;
  labelIds?: string[] | null;
  addedLabelIds?: string[] | null;
  removedLabelIds?: string[] | null;
  priority?: number | null;
  estimate?: number | null;
  parentId?: string | null;
}

function stateIn(team: Team, id: string): State {
  const state = team.states.find((one) => one.id === id);
  if (state === undefined) throw invalid("Discrepancy between issue team and state team");
  return state;
}

function userOf({ workspace }: Context, id: string): User {
  const user = workspace.users.find((one) => one.id === id);
  if (user === undefined) throw notFound("User");
  return user;
}

const labelsOf = ({ workspace }: Context, team: Team, ids: readonly string[]): Label[] =>
  ids.map((id) => {
    const label = workspace.labels.find((one) => one.id === id && (one.team === null || one.team === team));
    if (label === undefined) throw notFound("IssueLabel");
    return label;
  });

function change(context: Context, issue: Issue, input: IssueInput): void {
  const { workspace } = context;
  if (input.title != null) issue.title = input.title;
  if (input.description !== undefined) issue.description = input.description || null;
  if (input.assigneeId !== undefined)
    issue.assignee = input.assigneeId === null ? null : userOf(context, input.assigneeId);
  if (input.labelIds != null) issue.labels = labelsOf(context, issue.team, input.labelIds);
  if (input.addedLabelIds != null) issue.labels.push(...labelsOf(context, issue.team, input.addedLabelIds));
  if (input.removedLabelIds != null)
    issue.labels = issue.labels.filter(({ id }) => !input.removedLabelIds?.includes(id));
  if (input.priority != null) issue.priority = input.priority;
  if (input.estimate !== undefined) issue.estimate = input.estimate;
  if (input.stateId != null) workspace.move(issue, stateIn(issue.team, input.stateId));
  workspace.touch(issue);
}

const payload = (members: object) => ({ success: true, lastSyncId: 1, ...members });

export const WRITE: Record<string, Resolver> = {
  issueUpdate: (_source, { id, input }, context) => {
    const issue = issueOf(context, id);
    change(context, issue, input as IssueInput);
    return payload({ issue });
  },
  issueCreate: (_source, args, context) => {
    const input = args.input as IssueInput & { teamId: string };
    const team = context.workspace.teams.find(({ id }) => id === input.teamId);
    if (team === undefined) throw notFound("Team");
    if ((input.title ?? "") === "") throw invalid("title should not be empty");
    const given: NewIssue = { title: input.title ?? "", by: context.access.user };
    const issue = context.workspace.addIssue(team, given);
    change(context, issue, input);
    return payload({ issue });
  },
  commentCreate: (_source, args, context) => {
    const { issueId, body } = args.input as { issueId: string; body: string };
    const comment = context.workspace.comment(issueOf(context, issueId), { body, by: context.access.user });
    return payload({ comment });
  },
  attachmentLinkURL: (_source, args, context) => {
    const { issueId, url, title } = args as { issueId: string; url: string; title?: string };
    if (!/^https?:\/\//.test(url)) throw invalid("url must be a URL address");
    return payload({ attachment: context.workspace.attach(issueOf(context, issueId), { url, title: title ?? url }) });
  },
  issueLabelCreate: (_source, args, context) => {
    const { name, teamId } = args.input as { name: string; teamId?: string };
    const team = context.workspace.teams.find(({ id }) => id === teamId) ?? null;
    return payload({ issueLabel: context.workspace.label(name, team) });
  },
};
