import { hasWrite } from "../domain/access.ts";
import { commentsOf } from "../domain/reviews.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Review, ReviewComment, ReviewThread } from "../model/pull.ts";
import { issueHtml } from "../views/issues.ts";
import { reviewCommentView } from "../views/pulls.ts";
import { accountOrNull } from "./accounts.ts";
import { commitNode } from "./commit.ts";
import { commentFields } from "./issue.ts";
import { pullNode } from "./pull.ts";
import { repoNode } from "./repo.ts";
import { connection, empty, type Scope } from "./scope.ts";

export function reviewNode(scope: Scope, pr: PullRequest, review: Review): Record<string, unknown> {
  const url = `${issueHtml(scope.urls, pr)}#pullrequestreview-${review.id}`;
  return {
    __typename: "PullRequestReview",
    id: review.nodeId,
    databaseId: review.id,
    fullDatabaseId: String(review.id),
    ...commentFields(scope, review, { issue: pr, url }),
    state: review.state,
    submittedAt: review.submittedAt,
    authorCanPushToRepository: hasWrite(review.author, pr.repo),
    commit: async () => commitNode(scope, pr.repo, await pr.repo.git.commit(review.commitSha)),
    comments: connection(commentsOf(pr, review), (comment) => reviewCommentNode(scope, pr, comment)),
    pullRequest: () => pullNode(scope, pr),
    onBehalfOf: empty,
  };
}

export function reviewCommentNode(scope: Scope, pr: PullRequest, comment: ReviewComment): Record<string, unknown> {
  const { thread, review } = comment;
  const view = reviewCommentView(scope.urls, pr, comment);
  const commitOf = async (sha: string) => commitNode(scope, pr.repo, await pr.repo.git.commit(sha));
  return {
    __typename: "PullRequestReviewComment",
    id: comment.nodeId,
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    ...commentFields(scope, comment, { issue: pr, url: view.html_url }),
    state: review.state === "PENDING" ? "PENDING" : "SUBMITTED",
    draftedAt: comment.createdAt,
    path: thread.path,
    line: view.line,
    originalLine: thread.line,
    startLine: thread.isOutdated ? null : thread.startLine,
    originalStartLine: thread.startLine,
    position: view.position,
    originalPosition: view.original_position,
    outdated: thread.isOutdated,
    diffHunk: thread.diffHunk,
    subjectType: thread.line === null ? "FILE" : "LINE",
    commit: () => commitOf(view.commit_id),
    originalCommit: () => commitOf(comment.commitSha),
    pullRequest: () => pullNode(scope, pr),
    pullRequestReview: () => reviewNode(scope, pr, review),
    replyTo: () => (comment.inReplyTo === null ? null : reviewCommentNode(scope, pr, comment.inReplyTo)),
  };
}

export function threadNode(scope: Scope, pr: PullRequest, thread: ReviewThread): Record<string, unknown> {
  const { viewer } = scope;
  const canResolve = viewer.account !== null && (viewer.account === pr.author || hasWrite(viewer.account, pr.repo));
  const comments = thread.comments.filter(
    ({ review }) => review.state !== "PENDING" || review.author === viewer.account,
  );
  return {
    __typename: "PullRequestReviewThread",
    id: thread.nodeId,
    path: thread.path,
    line: thread.isOutdated ? null : thread.line,
    originalLine: thread.line,
    startLine: thread.isOutdated ? null : thread.startLine,
    originalStartLine: thread.startLine,
    diffSide: thread.side,
    startDiffSide: thread.startLine === null ? null : thread.side,
    subjectType: thread.line === null ? "FILE" : "LINE",
    isResolved: thread.resolvedBy !== null,
    isOutdated: thread.isOutdated,
    isCollapsed: thread.resolvedBy !== null || thread.isOutdated,
    resolvedBy: () => accountOrNull(scope, thread.resolvedBy),
    comments: connection(comments, (comment) => reviewCommentNode(scope, pr, comment)),
    pullRequest: () => pullNode(scope, pr),
    repository: () => repoNode(scope, pr.repo),
    viewerCanReply: viewer.account !== null,
    viewerCanResolve: canResolve && thread.resolvedBy === null,
    viewerCanUnresolve: canResolve && thread.resolvedBy !== null,
  };
}
