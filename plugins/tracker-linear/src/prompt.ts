import { oneLine } from "@agent-orchestrator/core/model/text";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { visible } from "@agent-orchestrator/plugin-kit/github/visible";
import type { Desk } from "./desk.ts";
import { type LinearIssue, readLinear } from "./issue.ts";
import { isOurs } from "./mark.ts";
import type { Reference } from "./reference.ts";

const MAX_TITLE = 300;
const MAX_COMMENTS = 30;
const MAX_COMMENT = 8_000;
const MAX_COMMENTS_TEXT = 40_000;

interface Comment {
  body: string;
  createdAt: string;
  /** Null for what an integration, a bot or somebody outside of the workspace wrote. */
  user: { displayName: string; guest: boolean; app: boolean } | null;
  externalUser: { id: string } | null;
  botActor: { id: string | null } | null;
}
const COMMENTS = `comments(first: 100, orderBy: createdAt) {
  nodes { body createdAt user { displayName guest app } externalUser { id } botActor { id } }
}`;

/** The issue as text to quote: title, facts, description, and what members of the workspace said since. */
export async function promptOf(desk: Desk, reference: Reference, options?: CallOptions): Promise<string> {
  const more = COMMENTS;
  const issue = await readLinear<{ comments: { nodes: Comment[] } }>(desk, reference, { more, ...options });
  const comments = commentsOf(issue.comments.nodes);
  const head = [`${issue.identifier} ${oneLine(visible(issue.title), MAX_TITLE)}`, ...factsOf(issue), ""];
  const text = [...head, visible(issue.description ?? "")];
  return [...text, ...(comments.length === 0 ? [] : ["", "Comments:", ...comments])].join("\n").trim();
}

function factsOf({ labels, priority, priorityLabel, estimate, parent, project }: LinearIssue): string[] {
  const plain = (text: string) => oneLine(visible(text));
  return [
    priority > 0 && `Priority: ${plain(priorityLabel)}`,
    estimate !== null && `Estimate: ${estimate}`,
    labels.nodes.length > 0 && `Labels: ${labels.nodes.map(({ name }) => plain(name)).join(", ")}`,
    project && `Project: ${plain(project.name)}`,
    parent && `Parent: ${parent.identifier} ${plain(parent.title)}`,
  ].filter((line) => typeof line === "string");
}

/** The newest ones that fit, oldest first. */
function commentsOf(all: readonly Comment[]): string[] {
  const newest = [...all].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const shown: string[] = [];
  let left = MAX_COMMENTS_TEXT;
  for (const comment of newest) {
    const text = visible(comment.body);
    if (text === "" || isOurs(comment.body) || !isOfTeam(comment)) continue;
    const cut = text.length > MAX_COMMENT ? `${text.slice(0, MAX_COMMENT)} …` : text;
    left -= cut.length;
    if (left < 0 || shown.length === MAX_COMMENTS) break;
    const author = oneLine(visible(comment.user?.displayName ?? ""), 100);
    shown.push(`${author} wrote on ${comment.createdAt.slice(0, 10)}:\n${cut}\n`);
  }
  return shown.reverse();
}

/** A guest, a customer and whoever writes in a synced thread may not instruct the agent. */
const isOfTeam = ({ user, externalUser, botActor }: Comment): boolean =>
  user !== null && !user.guest && !user.app && externalUser === null && botActor === null;
