import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { ReplyOptions } from "@agent-orchestrator/core/slots/scm";
import { isOurs, marked } from "@agent-orchestrator/plugin-kit/github/mark";
import type { Desk } from "./desk.ts";
import { readDetails } from "./read.ts";
import type { DetailsNode, ThreadNode } from "./responses.ts";
import { target } from "./scm.ts";
import { isOfVerdict } from "./verdicts.ts";

const THREAD_OF = `query($id: ID!) {
  node(id: $id) { ... on PullRequestReviewComment { databaseId pullRequest { number } } }
}`;

const REPLIES = `query($id: ID!) {
  node(id: $id) { ... on PullRequestReviewThread { comments(last: 50) { nodes { body } } } }
}`;

const RESOLVE = `mutation($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { isResolved } } }`;

/** Answers in the thread of a comment, marked as written by `ao`. */
export async function replyTo(
  desk: Desk,
  { pr, commentId, body: text }: { pr: PRInfo; commentId: string; body: string },
  { id, ...options }: ReplyOptions = {},
): Promise<void> {
  if (id !== undefined && (await isThere(desk, { pr, commentId, id }, options))) return;
  const body = id === undefined ? text : `${text}\n\n${idMark(id)}`;
  if (isOfVerdict(commentId)) return replyToVerdict(desk, { pr, body }, options);
  const answer = await desk.github.graphql<{
    node: { databaseId?: number; pullRequest?: { number: number } } | null;
  }>(THREAD_OF, { id: commentId }, { what: `find the comment ${commentId}`, ...options });
  const { databaseId, pullRequest } = answer.node ?? {};
  if (databaseId === undefined || pullRequest === undefined) throw missing(commentId);
  const { repo } = desk;
  await desk.github.say("reply to a comment", () =>
    desk.writer.rest.pulls.createReplyForReviewComment({
      owner: repo.owner,
      repo: repo.name,
      pull_number: pullRequest.number,
      comment_id: databaseId,
      body: marked(body),
      ...(options.signal === undefined ? {} : { request: { signal: options.signal } }),
    }),
  );
}

/** So that a reply whose answer was lost is found. People don't see it. */
const idMark = (id: string): string => `<!-- ao:reply ${id.replaceAll("--", "- -")} -->`;

/** Whether the reply with this id is there. */
async function isThere(
  desk: Desk,
  { pr, commentId, id }: { pr: PRInfo; commentId: string; id: string },
  options: CallOptions,
): Promise<boolean> {
  const details = await readDetails(desk, pr.number, options);
  const isIt = ({ body }: { body: string }) => isOurs(body) && body.includes(idMark(id));
  if (isOfVerdict(commentId)) return details.comments.nodes.some(isIt);
  const thread = threadOf(details, commentId);
  const { node } = await desk.github.graphql<{ node: { comments: { nodes: { body: string }[] } } }>(
    REPLIES,
    { id: thread.id },
    { what: "read a review thread", ...options },
  );
  return node.comments.nodes.some(isIt);
}

function threadOf({ reviewThreads }: DetailsNode, commentId: string): ThreadNode {
  const thread = reviewThreads.nodes.find(({ comments }) => comments.nodes.some(({ id }) => id === commentId));
  if (thread === undefined) throw missing(commentId);
  return thread;
}

/** A verdict of the author has no threads on GitHub. */
async function replyToVerdict(desk: Desk, { pr, body }: { pr: PRInfo; body: string }, options: CallOptions) {
  await desk.github.say("reply to a comment", () =>
    desk.writer.rest.issues.createComment({ ...target(desk, options), issue_number: pr.number, body: marked(body) }),
  );
}

export async function resolveThread(
  desk: Desk,
  { pr, commentId }: { pr: PRInfo; commentId: string },
  options: CallOptions = {},
): Promise<void> {
  if (isOfVerdict(commentId)) {
    const { data } = await desk.github.say(`read pull request ${pr.number}`, () =>
      desk.github.rest.pulls.get({ ...target(desk, options), pull_number: pr.number }),
    );
    if (!desk.verdicts.resolve(data.node_id, commentId)) throw missing(commentId);
    return;
  }
  const thread = threadOf(await readDetails(desk, pr.number, options), commentId);
  if (thread.isResolved) return;
  await desk.writer.graphql(RESOLVE, { id: thread.id }, { what: "resolve a thread", ...options });
}

const missing = (id: string) => new AoError("NOT_FOUND", `there is no review comment ${id}`);
