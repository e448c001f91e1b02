/** GraphQL of the official schema. A number is part of the text, because `isRequired` needs it as an argument. */

const contexts = (
  number: number,
  after: string | null,
): string => `contexts(first: 100${after === null ? "" : `, after: ${JSON.stringify(after)}`}) {
  pageInfo { hasNextPage endCursor }
  nodes {
    __typename
    ... on CheckRun {
      databaseId name status conclusion detailsUrl startedAt completedAt
      isRequired(pullRequestNumber: ${number})
      checkSuite { status app { slug } workflowRun { databaseId event workflow { name } } }
    }
    ... on StatusContext {
      context state targetUrl description createdAt
      isRequired(pullRequestNumber: ${number})
    }
  }
}`;

/** A run of a workflow has no check run before its first job has begun to wait for a machine. */
const SUITES = `checkSuites(first: 50) {
  nodes { status conclusion workflowRun { databaseId event url workflow { name } } }
}`;

const commits = (number: number, after: string | null): string =>
  `commits(last: 1) { nodes { commit { oid committedDate ${after === null ? SUITES : ""}
    statusCheckRollup { ${contexts(number, after)} } } } }`;

const state = (number: number): string => `pullRequest(number: ${number}) {
  id number url title state isDraft mergedAt updatedAt
  headRefOid headRefName baseRefName baseRef { target { oid } }
  isCrossRepository headRepositoryOwner { login } headRepository { nameWithOwner }
  mergeable mergeStateStatus reviewDecision
  isMergeQueueEnabled mergeQueueEntry { position }
  timelineItems(last: 1, itemTypes: [REMOVED_FROM_MERGE_QUEUE_EVENT]) {
    nodes { ... on RemovedFromMergeQueueEvent { id reason beforeCommit { oid } } }
  }
  ${commits(number, null)}
}`;

/** The alias of a pull request in an answer. */
export const aliasOf = (number: number): string => `pr${number}`;

/** What can change without a trace in `updatedAt`, of up to 25 pull requests. One point of the quota. */
export const stateQuery = (numbers: readonly number[]): string => `query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    ${numbers.map((number) => `${aliasOf(number)}: ${state(number)}`).join("\n")}
  }
}`;

/** The checks after the first hundred. */
export const moreChecksQuery = (number: number, after: string): string => `query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { pullRequest(number: ${number}) { ${commits(number, after)} } }
}`;

const details = (threads: string): string => `
  reviews(last: 100) {
    nodes { id author { login __typename } authorAssociation state body submittedAt commit { oid } }
  }
  reviewThreads(${threads}) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id isResolved path line originalLine
      comments(first: 50) {
        nodes {
          id author { login __typename } authorAssociation body createdAt url diffHunk
          pullRequestReview { id state }
        }
      }
    }
  }
  comments(last: 100) { nodes { id author { login __typename } authorAssociation body createdAt url } }
  files(first: 100) { totalCount nodes { path } }`;

/** What people wrote. Only needed when `updatedAt` or the head has changed. About half a point for each pull request. */
export const detailsQuery = (numbers: readonly number[]): string => `query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    ${numbers.map((number) => `${aliasOf(number)}: pullRequest(number: ${number}) { ${details("first: 50")} }`).join("\n")}
  }
}`;

/** The threads after the first fifty. */
export const MORE_DETAILS = `query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { ${details("first: 50, after: $after")} } }
}`;

/** Of one pull request, whether it is merged through a queue. */
export const QUEUE = `query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { id isMergeQueueEnabled isInMergeQueue }
  }
}`;

export const ENQUEUE = `mutation($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $head }) { mergeQueueEntry { position } }
}`;

/** Where GitHub looks for workflows. */
export const WORKFLOWS = ".github/workflows";

/** The checks of a commit of the base, to see what fails there too. */
export const BASE_CHECKS = `query($owner: String!, $name: String!, $oid: GitObjectID!) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) {
      ... on Commit {
        statusCheckRollup {
          contexts(first: 100) {
            nodes {
              __typename
              ... on CheckRun { name status conclusion checkSuite { workflowRun { workflow { name } } } }
              ... on StatusContext { context state } }
          }
        }
      }
    }
  }
}`;

/** What shows that checks may come on pull requests to a base: workflows, and checks of the recent commits. */
export const BASE_CI = `query($owner: String!, $name: String!, $workflows: String!) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef {
      target { ... on Commit { history(first: 5) { nodes { statusCheckRollup { state } } } } }
    }
    ofDefault: object(expression: "HEAD:${WORKFLOWS}") { oid }
    ofBase: object(expression: $workflows) { oid }
  }
}`;

/** The same of one pull request, also of the heads that a push replaced. */
export const PULL_CI = `query($owner: String!, $name: String!, $number: Int!, $workflows: String!) {
  repository(owner: $owner, name: $name) {
    ofHead: object(expression: $workflows) { oid }
    pullRequest(number: $number) {
      commits(last: 100) { nodes { commit { statusCheckRollup { state } } } }
      timelineItems(last: 100, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]) {
        nodes { ... on HeadRefForcePushedEvent { beforeCommit { statusCheckRollup { state } } } }
      }
    }
  }
}`;

export const BRANCH = `query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    pullRequests(headRefName: $branch, first: 20, orderBy: { field: CREATED_AT, direction: DESC }) {
      nodes {
        number url title state isDraft headRefName baseRefName isCrossRepository
        headRepositoryOwner { login } headRepository { nameWithOwner }
      }
    }
  }
}`;
