import { roleOf, roleRank } from "../domain/access.ts";
import { closedBy } from "../domain/keywords.ts";
import type { Account } from "../model/accounts.ts";
import type { Comment, Issue, IssueEvent } from "../model/issue.ts";
import { association } from "../views/accounts.ts";
import { issueHtml } from "../views/issues.ts";
import { isPull, pullsOf } from "../world.ts";
import { accountNode } from "./accounts.ts";
import { commitNode } from "./commit.ts";
import { pullNode } from "./pull.ts";
import { labelNode, milestoneNode, repoNode } from "./repo.ts";
import { reviewNode } from "./review.ts";
import { connection, empty, type PageArgs, pathOf, type Scope } from "./scope.ts";

/** What every comment shows: issues and reviews are comments too. */
export function commentFields(
  scope: Scope,
  one: { body: string | null; author: Account; createdAt: string; updatedAt: string },
  { issue, url }: { issue: Issue; url: string },
) {
  const { viewer } = scope;
  const isAuthor = one.author === viewer.account;
  const canWrite = viewer.account !== null && roleRank(roleOf(viewer.account, issue.repo)) >= roleRank("write");
  const body = one.body ?? "";
  return {
    author: () => accountNode(scope, one.author),
    authorAssociation: association(one.author, issue.repo),
    body,
    bodyText: body,
    bodyHTML: `<p dir="auto">${body.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</p>`,
    createdAt: one.createdAt,
    updatedAt: one.updatedAt,
    publishedAt: one.createdAt,
    lastEditedAt: one.updatedAt === one.createdAt ? null : one.updatedAt,
    editor: null,
    createdViaEmail: false,
    includesCreatedEdit: one.updatedAt !== one.createdAt,
    isMinimized: false,
    minimizedReason: null,
    reactionGroups: [],
    reactions: empty,
    userContentEdits: empty,
    repository: () => repoNode(scope, issue.repo),
    url,
    resourcePath: pathOf(url),
    viewerDidAuthor: isAuthor,
    viewerCanUpdate: isAuthor || canWrite,
    viewerCanDelete: isAuthor || canWrite,
    viewerCanMinimize: canWrite,
    viewerCanReact: viewer.account !== null,
    viewerCannotUpdateReasons: [],
  };
}

export function issueCommentNode(scope: Scope, comment: Comment): Record<string, unknown> {
  const { issue } = comment;
  const url = `${issueHtml(scope.urls, issue)}#issuecomment-${comment.id}`;
  return {
    __typename: "IssueComment",
    id: comment.nodeId,
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    ...commentFields(scope, comment, { issue, url }),
    issue: () => issueNode(scope, issue),
    pullRequest: () => (isPull(issue) ? pullNode(scope, issue) : null),
  };
}

/** Names of the timeline's rows in GraphQL, by their REST names. */
const EVENT_TYPES: Record<string, string> = {
  assigned: "AssignedEvent",
  unassigned: "UnassignedEvent",
  labeled: "LabeledEvent",
  unlabeled: "UnlabeledEvent",
  closed: "ClosedEvent",
  reopened: "ReopenedEvent",
  merged: "MergedEvent",
  renamed: "RenamedTitleEvent",
  milestoned: "MilestonedEvent",
  demilestoned: "DemilestonedEvent",
  ready_for_review: "ReadyForReviewEvent",
  convert_to_draft: "ConvertToDraftEvent",
  head_ref_deleted: "HeadRefDeletedEvent",
  head_ref_force_pushed: "HeadRefForcePushedEvent",
  base_ref_changed: "BaseRefChangedEvent",
  review_requested: "ReviewRequestedEvent",
  added_to_merge_queue: "AddedToMergeQueueEvent",
  removed_from_merge_queue: "RemovedFromMergeQueueEvent",
  sub_issue_added: "SubIssueAddedEvent",
};

function eventNode(scope: Scope, issue: Issue, row: IssueEvent): Record<string, unknown> {
  const { details } = row;
  const label = issue.repo.labels.find(({ name }) => name === (details.label as { name?: string } | undefined)?.name);
  const rename = details.rename as { from: string; to: string } | undefined;
  return {
    __typename: EVENT_TYPES[row.event],
    id: row.nodeId,
    createdAt: row.createdAt,
    actor: () => accountNode(scope, row.actor),
    ...(details.assignee === undefined
      ? {}
      : {
          assignee: () => accountNode(scope, details.assignee as Account),
          user: () => accountNode(scope, details.assignee as Account),
        }),
    ...(details.requested_reviewer === undefined
      ? {}
      : { requestedReviewer: () => accountNode(scope, details.requested_reviewer as Account) }),
    ...(label === undefined ? {} : { label: () => labelNode(scope, issue.repo, label) }),
    ...(rename === undefined ? {} : { previousTitle: rename.from, currentTitle: rename.to }),
    ...(details.milestone === undefined ? {} : { milestoneTitle: (details.milestone as { title: string }).title }),
    ...(isPull(issue)
      ? { pullRequest: () => pullNode(scope, issue), headRefName: issue.pull.headRef, mergeRefName: issue.pull.baseRef }
      : {}),
    ...(row.event === "head_ref_force_pushed" ? { beforeCommit: commitBefore(scope, issue, details) } : {}),
    ...(row.event === "removed_from_merge_queue" ? removalFields(scope, issue, details) : {}),
    closable: () => issueNode(scope, issue),
    closer: null,
    stateReason: issue.stateReason?.toUpperCase() ?? null,
  };
}

function commitBefore(scope: Scope, { repo }: Issue, { before }: Record<string, unknown>) {
  return async () => (before === null ? null : commitNode(scope, repo, await repo.git.commit(before as string)));
}

function removalFields(scope: Scope, issue: Issue, details: Record<string, unknown>) {
  return {
    reason: details.reason,
    enqueuer: () => accountNode(scope, details.enqueuer as Account),
    beforeCommit: commitBefore(scope, issue, details),
  };
}

const itemType = (typename: string): string => typename.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();

/** The timeline: events, comments and, on pull requests, reviews, oldest first. */
export function timelineItems(scope: Scope, issue: Issue) {
  return (args: PageArgs & { itemTypes?: string[] | null; since?: string | null }) => {
    const rows = [
      ...issue.events
        .filter(({ event }) => EVENT_TYPES[event] !== undefined)
        .map((row) => ({ id: row.id, at: row.createdAt, node: eventNode(scope, issue, row) })),
      ...issue.comments.map((comment) => ({
        id: comment.id,
        at: comment.createdAt,
        node: issueCommentNode(scope, comment),
      })),
      ...(isPull(issue)
        ? issue.pull.reviews
            .filter(({ state }) => state !== "PENDING")
            .map((review) => ({
              id: review.id,
              at: review.submittedAt ?? review.createdAt,
              node: reviewNode(scope, issue, review),
            }))
        : []),
    ].sort((a, b) => (a.at === b.at ? a.id - b.id : a.at < b.at ? -1 : 1));
    const found = rows.filter(
      ({ node, at }) =>
        (args.itemTypes == null || args.itemTypes.includes(itemType(String(node.__typename)))) &&
        (args.since == null || at >= args.since),
    );
    const shown = connection(found, ({ node }) => node)(args);
    return {
      ...shown,
      filteredCount: found.length,
      pageCount: (shown.nodes as unknown[]).length,
      updatedAt: issue.updatedAt,
    };
  };
}

/** What issues and pull requests show alike. */
export function issueFields(scope: Scope, issue: Issue) {
  const { repo } = issue;
  const url = issueHtml(scope.urls, issue);
  const people = [...new Set([issue.author, ...issue.comments.map(({ author }) => author)])].filter(
    ({ type }) => type === "User",
  );
  return {
    id: issue.nodeId,
    databaseId: issue.id,
    fullDatabaseId: String(issue.id),
    number: issue.number,
    title: issue.title,
    titleHTML: issue.title,
    ...commentFields(scope, issue, { issue, url }),
    closed: issue.state === "closed",
    closedAt: issue.closedAt,
    locked: issue.isLocked,
    activeLockReason: null,
    labels: connection(issue.labels, (label) => labelNode(scope, repo, label)),
    assignees: connection(issue.assignees, (one) => accountNode(scope, one)),
    participants: connection(people, (one) => accountNode(scope, one)),
    comments: connection(issue.comments, (comment) => issueCommentNode(scope, comment)),
    milestone: () => (issue.milestone === null ? null : milestoneNode(scope, repo, issue.milestone)),
    timelineItems: timelineItems(scope, issue),
    projectCards: empty,
    projectItems: empty,
    projectsV2: empty,
    isReadByViewer: true,
    viewerSubscription: "UNSUBSCRIBED",
    viewerCanSubscribe: true,
    viewerCanClose: issue.author === scope.viewer.account,
    viewerCanReopen: issue.author === scope.viewer.account,
    viewerCanLabel: true,
  };
}

export function issueNode(scope: Scope, issue: Issue): Record<string, unknown> {
  if (isPull(issue)) return pullNode(scope, issue);
  const done = issue.subIssues.filter(({ state }) => state === "closed").length;
  const total = issue.subIssues.length;
  const closing = pullsOf(issue.repo).filter((pr) => closedBy(scope.world, pr.repo, pr.body ?? "").includes(issue));
  return {
    __typename: "Issue",
    ...issueFields(scope, issue),
    state: issue.state.toUpperCase(),
    stateReason: issue.stateReason?.toUpperCase() ?? null,
    isPinned: false,
    parent: () => (issue.parent === null ? null : issueNode(scope, issue.parent)),
    subIssues: connection(issue.subIssues, (one) => issueNode(scope, one)),
    subIssuesSummary: { total, completed: done, percentCompleted: total === 0 ? 0 : Math.floor((done * 100) / total) },
    closedByPullRequestsReferences: (args: PageArgs & { includeClosedPrs?: boolean | null }) =>
      connection(
        closing.filter(({ state }) => args.includeClosedPrs === true || state === "open"),
        (pr) => pullNode(scope, pr),
      )(args),
    linkedBranches: empty,
    trackedIssues: empty,
    trackedInIssues: empty,
    trackedIssuesCount: 0,
  };
}
