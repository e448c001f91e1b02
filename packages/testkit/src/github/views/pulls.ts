import { rollup } from "../domain/checks.ts";
import { demandsOn, violations } from "../domain/rules.ts";
import type { Urls } from "../http/call.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Mergeable, Review, ReviewComment } from "../model/pull.ts";
import type { Repo } from "../model/repo.ts";
import { association, userOrNull, userView } from "./accounts.ts";
import { commonView, issueApi, issueHtml } from "./issues.ts";
import { repoApi, repoView } from "./repos.ts";

export const pullApi = (urls: Urls, pr: PullRequest): string => `${repoApi(urls, pr.repo)}/pulls/${pr.number}`;

function sideView(urls: Urls, { repo, ref, sha }: { repo: Repo | null; ref: string; sha: string }) {
  return {
    label: `${repo?.owner.login ?? "unknown repository"}:${ref}`,
    ref,
    sha,
    user: userOrNull(urls, repo?.owner ?? null),
    repo: repo === null ? null : repoView(urls, repo),
  };
}

/** A pull request as lists show it. */
export function pullView(urls: Urls, pr: PullRequest) {
  const { pull, repo } = pr;
  const api = pullApi(urls, pr);
  const html = issueHtml(urls, pr);
  const issue = issueApi(urls, pr);
  const statuses = `${repoApi(urls, repo)}/statuses/${pull.headSha}`;
  const reviewComment = `${repoApi(urls, repo)}/pulls/comments{/number}`;
  const { autoMerge } = pull;
  return {
    ...commonView(urls, pr),
    url: api,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${api}/commits`,
    review_comments_url: `${api}/comments`,
    review_comment_url: reviewComment,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeSha ?? pull.testMergeSha,
    requested_reviewers: pull.requestedReviewers.map((one) => userView(urls, one)),
    requested_teams: [],
    draft: pull.isDraft,
    head: sideView(urls, { repo: pull.headRepo, ref: pull.headRef, sha: pull.headSha }),
    base: sideView(urls, { repo, ref: pull.baseRef, sha: pull.baseSha }),
    _links: {
      self: { href: api },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${api}/comments` },
      review_comment: { href: reviewComment },
      commits: { href: `${api}/commits` },
      statuses: { href: statuses },
    },
    auto_merge:
      autoMerge === null
        ? null
        : {
            enabled_by: userView(urls, autoMerge.enabledBy),
            merge_method: autoMerge.method,
            commit_title: autoMerge.title ?? "",
            commit_message: autoMerge.message ?? "",
          },
  };
}

export type MergeState = "UNKNOWN" | "DIRTY" | "DRAFT" | "BLOCKED" | "BEHIND" | "UNSTABLE" | "CLEAN";

/** GitHub's summary of everything about merging. REST has it in lower case. */
export function mergeStateOf(pr: PullRequest, mergeable: Mergeable): MergeState {
  if (mergeable === "UNKNOWN") return "UNKNOWN";
  if (mergeable === "CONFLICTING") return "DIRTY";
  if (pr.pull.isDraft) return "DRAFT";
  const found = violations(pr);
  if (demandsOn(pr.repo, pr.pull.baseRef).isStrict && pr.pull.isBehind && found.length === 1) return "BEHIND";
  if (found.length > 0) return "BLOCKED";
  const checks = rollup(pr.repo, pr.pull.headSha);
  return checks === "failing" || checks === "pending" ? "UNSTABLE" : "CLEAN";
}

export interface Measured {
  mergeable: Mergeable;
  commits: number;
  additions: number;
  deletions: number;
  files: number;
}

/** A pull request on its own, with what only git knows. */
export function fullPullView(
  urls: Urls,
  pr: PullRequest,
  { mergeable, commits, additions, deletions, files }: Measured,
) {
  const { pull } = pr;
  const isMergeable = mergeable === "UNKNOWN" ? null : mergeable === "MERGEABLE";
  return {
    ...pullView(urls, pr),
    merged: pull.mergedAt !== null,
    mergeable: isMergeable,
    rebaseable: isMergeable,
    mergeable_state: mergeStateOf(pr, mergeable).toLowerCase(),
    merged_by: userOrNull(urls, pull.mergedBy),
    comments: pr.comments.length,
    review_comments: pull.threads.reduce((sum, { comments: all }) => sum + all.length, 0),
    maintainer_can_modify: pull.maintainerCanModify,
    commits,
    additions,
    deletions,
    changed_files: files,
  };
}

export function reviewView(urls: Urls, pr: PullRequest, review: Review) {
  const html = `${issueHtml(urls, pr)}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: review.nodeId,
    user: userView(urls, review.author),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pullApi(urls, pr),
    author_association: association(review.author, pr.repo),
    _links: { html: { href: html }, pull_request: { href: pullApi(urls, pr) } },
    ...(review.submittedAt === null ? {} : { submitted_at: review.submittedAt }),
    commit_id: review.commitSha,
  };
}

export function reviewCommentView(urls: Urls, pr: PullRequest, comment: ReviewComment) {
  const { thread, review } = comment;
  const url = `${repoApi(urls, pr.repo)}/pulls/comments/${comment.id}`;
  const html = `${issueHtml(urls, pr)}#discussion_r${comment.id}`;
  const line = thread.isOutdated ? null : thread.line;
  const position = thread.line === null || thread.isOutdated ? null : thread.diffHunk.split("\n").length - 1;
  return {
    url,
    pull_request_review_id: review.id,
    id: comment.id,
    node_id: comment.nodeId,
    diff_hunk: thread.diffHunk,
    path: thread.path,
    commit_id: thread.isOutdated ? comment.commitSha : pr.pull.headSha,
    original_commit_id: comment.commitSha,
    user: userView(urls, comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: html,
    pull_request_url: pullApi(urls, pr),
    author_association: association(comment.author, pr.repo),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullApi(urls, pr) } },
    reactions: {
      url: `${url}/reactions`,
      total_count: 0,
      "+1": 0,
      "-1": 0,
      laugh: 0,
      hooray: 0,
      confused: 0,
      heart: 0,
      rocket: 0,
      eyes: 0,
    },
    start_line: thread.startLine,
    original_start_line: thread.startLine,
    start_side: thread.startLine === null ? null : thread.side,
    line,
    original_line: thread.line,
    side: thread.side,
    ...(comment.inReplyTo === null ? {} : { in_reply_to_id: comment.inReplyTo.id }),
    original_position: thread.line === null ? 1 : thread.diffHunk.split("\n").length - 1,
    position: thread.line === null ? 1 : position,
    subject_type: thread.line === null ? "file" : "line",
  };
}
