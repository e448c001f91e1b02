import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Issue } from "@agent-orchestrator/core/model/issue";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { CreateIssueInput, IssueUpdate } from "@agent-orchestrator/core/slots/tracker";
import type { Desk } from "./desk.ts";
import type { IssueUpdateInput } from "./inputs.ts";
import { type LinearIssue, readIssue, readLinear } from "./issue.ts";
import { labelIdsOf } from "./labels.ts";
import { marked } from "./mark.ts";
import type { Reference } from "./reference.ts";
import { type Board, forward, type StateInfo, stateOf } from "./states.ts";
import { userOf } from "./users.ts";

interface Around {
  team: { id: string; key: string; states: { nodes: StateInfo[] } };
  attachments: { nodes: { url: string }[] };
  comments: { nodes: { body: string }[] };
}
const AROUND = `team { id key states(first: 100) { nodes { id name type position } } }
  attachments(first: 50) { nodes { url } }
  comments(first: 50, orderBy: createdAt) { nodes { body } }`;

type Known = LinearIssue & Around;

/** Reads the issue, and changes what differs. */
export async function updateIssue(
  desk: Desk,
  { reference, update }: { reference: Reference; update: IssueUpdate },
  options: CallOptions = {},
): Promise<void> {
  const issue = await readLinear<Around>(desk, reference, { more: AROUND, ...options });
  const state = stateAfter(desk, issue, update);
  const input: IssueUpdateInput = {
    ...(state === null ? {} : { stateId: state.id }),
    ...(await assigneeAfter(desk, { issue, update }, options)),
    ...(await labelsAfter(desk, { issue, update }, options)),
  };
  const { linear } = desk;
  const { comment, pr } = update;
  // First, so that whoever sees it closed finds why.
  if (comment !== undefined && !issue.comments.nodes.some(({ body }) => body.trim() === marked(comment))) {
    await addComment(desk, { issueId: issue.id, identifier: issue.identifier, body: comment }, options);
  }
  if (Object.keys(input).length > 0) {
    const sdk = await linear.sdk({ what: `update issue ${issue.identifier}`, ...options });
    await sdk.updateIssue(issue.id, input);
  }
  if (pr !== undefined && isWebAddress(pr.url) && !issue.attachments.nodes.some(({ url }) => url === pr.url)) {
    const sdk = await linear.sdk({ what: `link the pull request with issue ${issue.identifier}`, ...options });
    await sdk.attachmentLinkURL(issue.id, pr.url, { title: pr.title });
  }
}

/** Claims and stages move it forward only. A state that is asked for by name is set. */
function stateAfter({ options }: Desk, issue: Known, update: IssueUpdate): StateInfo | null {
  const isOwnTeam = [issue.team.key.toUpperCase(), issue.team.id].includes(options.team.toUpperCase());
  const board: Board = { states: issue.team.states.nodes, names: options.states, isOwnTeam };
  if (update.state !== undefined) {
    const target = stateOf(update.state, board);
    if (target === null) throw withoutState(issue, update.state);
    return target.type === issue.state.type && target.type !== "started" ? null : differing(issue, target);
  }
  if (update.stage !== undefined) return forward(issue.state, update.stage, board);
  return update.isClaimed === true ? forward(issue.state, "started", board) : null;
}

const differing = (issue: Known, target: StateInfo): StateInfo | null => (target.id === issue.state.id ? null : target);

const withoutState = ({ team }: Known, state: string): AoError =>
  new AoError("REFUSED", `the team ${team.key} has no state for "${state}"`, { hint: "Add one in Linear's settings." });

interface Changing {
  issue: Known;
  update: IssueUpdate;
}

/** An issue has one assignee: a claim takes nobody's away. */
async function assigneeAfter(
  desk: Desk,
  { issue, update }: Changing,
  options: CallOptions,
): Promise<Partial<Pick<IssueUpdateInput, "assigneeId">>> {
  const { assignee, isClaimed } = update;
  if (assignee === "") return issue.assignee === null ? {} : { assigneeId: null };
  if (assignee === undefined && !(isClaimed === true && issue.assignee === null)) return {};
  const { id } = assignee === undefined ? await desk.me(options) : await userOf(desk.linear, assignee, options);
  return id === issue.assignee?.id ? {} : { assigneeId: id };
}

async function labelsAfter(
  desk: Desk,
  { issue, update }: Changing,
  options: CallOptions,
): Promise<Partial<Pick<IssueUpdateInput, "labelIds">>> {
  const { labels } = update;
  const present = issue.labels.nodes;
  if (labels === undefined) return {};
  if (labels.length === present.length && present.every(({ name }) => labels.includes(name))) return {};
  return { labelIds: await labelIdsOf(desk.linear, { names: labels, team: issue.team, present }, options) };
}

const isWebAddress = (url: string): boolean => /^https?:\/\/\S+$/.test(url);

export async function addComment(
  desk: Desk,
  { issueId, identifier, body }: { issueId: string; identifier: string; body: string },
  options: CallOptions = {},
): Promise<void> {
  const sdk = await desk.linear.sdk({ what: `comment on issue ${identifier}`, ...options });
  await sdk.createComment({ issueId, body: marked(body) });
}

export async function createIssue(desk: Desk, input: CreateIssueInput, options: CallOptions = {}): Promise<Issue> {
  const team = await desk.team(options);
  const { title, description, labels = [], assignee, priority } = input;
  const user = assignee === undefined ? null : await userOf(desk.linear, assignee, options);
  const labelIds = await labelIdsOf(desk.linear, { names: labels, team, present: [] }, options);
  const sdk = await desk.linear.sdk({ what: "create an issue", ...options });
  const { issueId } = await sdk.createIssue({
    teamId: team.id,
    title,
    description,
    ...(labelIds.length === 0 ? {} : { labelIds }),
    ...(user === null ? {} : { assigneeId: user.id }),
    ...(priority === undefined ? {} : { priority }),
  });
  return readIssue(desk, { id: issueId ?? "", workspace: null }, options);
}
