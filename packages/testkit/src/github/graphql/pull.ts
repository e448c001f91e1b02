import { hasWrite } from "../domain/access.ts";
import { closedBy } from "../domain/keywords.ts";
import { mergeability } from "../domain/pulls.ts";
import { demandsOn, opinions, reviewDecision } from "../domain/rules.ts";
import type { PullRequest } from "../model/issue.ts";
import type { Mergeable, Review } from "../model/pull.ts";
import { commitsOf, filesOf } from "../rest/pulls.ts";
import { issueHtml } from "../views/issues.ts";
import { mergeStateOf } from "../views/pulls.ts";
import { accountNode, accountOrNull } from "./accounts.ts";
import { commitNode, rollupNode } from "./commit.ts";
import { stateOf } from "./filters.ts";
import { issueFields, issueNode } from "./issue.ts";
import { entryNode, queueNode } from "./queue.ts";
import { refNode, repoNode } from "./repo.ts";
import { reviewNode, threadNode } from "./review.ts";
import { connection, empty, type PageArgs, pathOf, type Scope } from "./scope.ts";

interface ReviewArgs extends PageArgs {
  states?: string[] | null;
  author?: string | null;
  writersOnly?: boolean | null;
}

/** The newest review of each person. */
function latest(reviews: Review[]): Review[] {
  const found = new Map(reviews.map((review) => [review.author.id, review]));
  return [...found.values()];
}

export function pullNode(scope: Scope, pr: PullRequest): Record<string, unknown> {
  const { world, viewer } = scope;
  const { pull, repo } = pr;
  const html = issueHtml(scope.urls, pr);
  const commitOf = async (sha: string | null) =>
    sha === null ? null : commitNode(scope, repo, await repo.git.commit(sha));
  const sum = async (key: "additions" | "deletions") =>
    (await filesOf(pr)).reduce((total, file) => total + file[key], 0);
  let asked: Promise<Mergeable> | null = null;
  const mergeable = () => (asked ??= mergeability(world, pr));
  const reviews = pull.reviews.filter((review) => review.state !== "PENDING" || review.author === viewer.account);
  const canWrite = viewer.account !== null && hasWrite(viewer.account, repo);
  const entry = repo.queue.find((one) => one.pr === pr);
  const { autoMerge } = pull;
  return {
    __typename: "PullRequest",
    ...issueFields(scope, pr),
    state: stateOf(pr),
    isDraft: pull.isDraft,
    permalink: html,
    checksUrl: `${html}/checks`,
    checksResourcePath: pathOf(`${html}/checks`),
    revertUrl: `${html}/revert`,
    revertResourcePath: pathOf(`${html}/revert`),
    additions: () => sum("additions"),
    deletions: () => sum("deletions"),
    changedFiles: async () => (await filesOf(pr)).length,
    files: async (args: PageArgs) =>
      connection(await filesOf(pr), (file) => ({
        path: file.path,
        additions: file.additions,
        deletions: file.deletions,
        changeType: { added: "ADDED", removed: "DELETED", modified: "MODIFIED", renamed: "RENAMED" }[file.status],
        viewerViewedState: "UNVIEWED",
      }))(args),
    commits: async (args: PageArgs) =>
      connection(await commitsOf(pr), (commit) => ({
        __typename: "PullRequestCommit",
        id: `PRC_${pr.id}_${commit.sha}`,
        commit: commitNode(scope, repo, commit),
        pullRequest: () => pullNode(scope, pr),
        url: `${html}/commits/${commit.sha}`,
        resourcePath: pathOf(`${html}/commits/${commit.sha}`),
      }))(args),
    baseRefName: pull.baseRef,
    baseRefOid: pull.baseSha,
    baseRef: () => refNode(scope, repo, `refs/heads/${pull.baseRef}`),
    baseRepository: () => repoNode(scope, repo),
    headRefName: pull.headRef,
    headRefOid: pull.headSha,
    headRef: () => (pull.headRepo === null ? null : refNode(scope, pull.headRepo, `refs/heads/${pull.headRef}`)),
    headRepository: () => (pull.headRepo === null ? null : repoNode(scope, pull.headRepo)),
    headRepositoryOwner: () => accountOrNull(scope, pull.headRepo?.owner ?? null),
    isCrossRepository: pull.headRepo !== repo,
    maintainerCanModify: pull.maintainerCanModify,
    mergeable,
    mergeStateStatus: async () => mergeStateOf(pr, await mergeable()),
    canBeRebased: async () => (await mergeable()) === "MERGEABLE",
    merged: pull.mergedAt !== null,
    mergedAt: pull.mergedAt,
    mergedBy: () => accountOrNull(scope, pull.mergedBy),
    mergeCommit: () => commitOf(pull.mergeSha),
    potentialMergeCommit: () => commitOf(pull.testMergeSha),
    autoMergeRequest: () =>
      autoMerge === null
        ? null
        : {
            enabledAt: autoMerge.enabledAt,
            enabledBy: accountNode(scope, autoMerge.enabledBy),
            mergeMethod: autoMerge.method.toUpperCase(),
            commitHeadline: autoMerge.title,
            commitBody: autoMerge.message,
            authorEmail: null,
            pullRequest: () => pullNode(scope, pr),
          },
    isInMergeQueue: entry !== undefined,
    isMergeQueueEnabled: demandsOn(repo, pull.baseRef).mergeQueue !== null,
    mergeQueue: () => queueNode(scope, repo, pull.baseRef),
    mergeQueueEntry: () => (entry === undefined ? null : entryNode(scope, entry)),
    reviewDecision: reviewDecision(pr),
    reviews: (args: ReviewArgs) =>
      connection(
        reviews.filter(
          ({ state, author }) =>
            (args.states == null || args.states.includes(state)) &&
            (args.author == null || author.login === args.author),
        ),
        (review) => reviewNode(scope, pr, review),
      )(args),
    latestReviews: connection(latest(reviews.filter(({ state }) => state !== "PENDING")), (review) =>
      reviewNode(scope, pr, review),
    ),
    latestOpinionatedReviews: (args: ReviewArgs) =>
      connection(
        args.writersOnly === true
          ? opinions(pr)
          : latest(
              reviews.filter(
                ({ state }) => state === "APPROVED" || state === "CHANGES_REQUESTED" || state === "DISMISSED",
              ),
            ),
        (review) => reviewNode(scope, pr, review),
      )(args),
    reviewRequests: connection(pull.requestedReviewers, (one) => ({
      __typename: "ReviewRequest",
      id: `RR_${pr.id}_${one.id}`,
      databaseId: one.id,
      asCodeOwner: false,
      requestedReviewer: accountNode(scope, one),
      pullRequest: () => pullNode(scope, pr),
    })),
    reviewThreads: connection(
      pull.threads.filter(({ comments }) => comments.some(({ review }) => reviews.includes(review))),
      (thread) => threadNode(scope, pr, thread),
    ),
    statusCheckRollup: () => rollupNode(scope, repo, pull.headSha),
    closingIssuesReferences: connection(closedBy(world, repo, pr.body ?? ""), (issue) => issueNode(scope, issue)),
    suggestedReviewers: [],
    totalCommentsCount: pr.comments.length + pull.threads.reduce((all, { comments }) => all + comments.length, 0),
    viewerCanUpdateBranch: canWrite,
    viewerCanDeleteHeadRef: canWrite,
    viewerCanEnableAutoMerge: canWrite && repo.settings.allowAutoMerge,
    viewerCanDisableAutoMerge: canWrite && autoMerge !== null,
    viewerCanMergeAsAdmin: false,
    viewerLatestReview: () => {
      const mine = reviews.filter(({ author }) => author === viewer.account).at(-1);
      return mine === undefined ? null : reviewNode(scope, pr, mine);
    },
    viewerMergeHeadlineText: `${pr.title} (#${pr.number})`,
    viewerMergeBodyText: pr.body ?? "",
    projectCards: empty,
  };
}
