import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import type { Desk } from "./desk.ts";
import { marked } from "./mark.ts";
import { readDetails } from "./read.ts";

const THREAD_OF = `query($id: ID!) {
  node(id: $id) { ... on PullRequestReviewComment { databaseId pullRequest { number } } }
}`;

const RESOLVE = `mutation($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { isResolved } } }`;

/** Answers in the thread of a comment, marked as written by `ao`. */
export async function replyTo(
  desk: Desk,
  { commentId, body }: { commentId: string; body: string },
  options: CallOptions = {},
): Promise<void> {
  const answer = await desk.github.graphql<{
    node: { databaseId?: number; pullRequest?: { number: number } } | null;
  }>(THREAD_OF, { id: commentId }, { what: `find the comment ${commentId}`, ...options });
  const { databaseId, pullRequest } = answer.node ?? {};
  if (databaseId === undefined || pullRequest === undefined) throw missing(commentId);
  const { repo } = desk;
  await desk.github.say("reply to a comment", () =>
    desk.github.rest.pulls.createReplyForReviewComment({
      owner: repo.owner,
      repo: repo.name,
      pull_number: pullRequest.number,
      comment_id: databaseId,
      body: marked(body),
      ...(options.signal === undefined ? {} : { request: { signal: options.signal } }),
    }),
  );
}

export async function resolveThread(
  desk: Desk,
  { pr, commentId }: { pr: PRInfo; commentId: string },
  options: CallOptions = {},
): Promise<void> {
  const { reviewThreads } = await readDetails(desk, pr.number, options);
  const thread = reviewThreads.nodes.find(({ comments }) => comments.nodes.some(({ id }) => id === commentId));
  if (thread === undefined) throw missing(commentId);
  if (thread.isResolved) return;
  await desk.github.graphql(RESOLVE, { id: thread.id }, { what: "resolve a thread", ...options });
}

const missing = (id: string) => new AoError("NOT_FOUND", `there is no review comment ${id}`);
