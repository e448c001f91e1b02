import { expect, test } from "vitest";
import { openChange, startScene } from "./start.ts";

const PULLS = `query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: 25, states: [OPEN]) {
      nodes {
        number state isDraft headRefOid mergeable mergeStateStatus reviewDecision
        commits(last: 1) { nodes { commit { statusCheckRollup { state contexts(first: 50) { totalCount nodes { __typename ... on CheckRun { name conclusion isRequired(pullRequestNumber: 1) } ... on StatusContext { context state } } } } } } }
        reviewThreads(first: 20) { nodes { id isResolved path line comments(first: 10) { nodes { author { login __typename } body } } } }
      }
    }
  }
  rateLimit { cost remaining nodeCount }
}`;

interface Answer {
  repository: { pullRequests: { nodes: Record<string, unknown>[] } };
  rateLimit: { cost: number };
}

test("one query shows pull requests with checks, decision and threads, and what it cost", async () => {
  const scene = await startScene();
  const { shop, query } = scene;
  const { pull, number } = await openChange(scene);
  await shop.protect("main", { requiredApprovals: 1, requiredChecks: [{ context: "test", appId: null }] });
  shop.finishCheck(pull.headSha, { name: "test", by: "wes", conclusion: "success" });
  await shop.review(number, {
    by: "ann",
    verdict: "COMMENT",
    threads: [{ path: "src/cart.ts", line: 1, body: "why?" }],
  });
  const ask = () => query<Answer>(PULLS, { owner: "acme", name: "shop" });
  const first = (await ask()) as {
    repository: { pullRequests: { nodes: Record<string, unknown>[] } };
    rateLimit: { cost: number };
  };
  expect(first.repository.pullRequests.nodes[0]).toMatchObject({
    mergeable: "UNKNOWN",
    mergeStateStatus: "UNKNOWN",
    reviewDecision: "REVIEW_REQUIRED",
  });
  const second = await ask();
  expect(second.repository.pullRequests.nodes[0]).toMatchObject({
    mergeable: "MERGEABLE",
    mergeStateStatus: "BLOCKED",
    commits: {
      nodes: [
        {
          commit: {
            statusCheckRollup: {
              state: "SUCCESS",
              contexts: { nodes: [{ __typename: "CheckRun", name: "test", isRequired: true }] },
            },
          },
        },
      ],
    },
    reviewThreads: {
      nodes: [
        {
          isResolved: false,
          path: "src/cart.ts",
          line: 1,
          comments: { nodes: [{ author: { login: "ann", __typename: "User" } }] },
        },
      ],
    },
  });
  // 25 pull requests × (1 commits + 1 contexts + 1 threads + 20 comments) and the list itself, by the published formula.
  expect(second.rateLimit.cost).toBe(6);
});

test("threads are answered and resolved, and drafts made ready, by mutations", async () => {
  const scene = await startScene();
  const { shop, query, github } = scene;
  const pr = await openChange(scene, { draft: true });
  await shop.review(pr.number, {
    by: "ann",
    verdict: "COMMENT",
    threads: [{ path: "src/cart.ts", line: 1, body: "why?" }],
  });
  const [thread] = shop.threads(pr.number);
  await query(
    `mutation($id: ID!) { addPullRequestReviewThreadReply(input: { pullRequestReviewThreadId: $id, body: "done" }) { comment { body } } }`,
    { id: thread?.nodeId },
  );
  await query(
    `mutation($id: ID!) { resolveReviewThread(input: { threadId: $id }) { thread { isResolved resolvedBy { login } } } }`,
    { id: thread?.nodeId },
  );
  expect([thread?.comments.length, thread?.resolvedBy?.login]).toEqual([2, "wes"]);
  await query(
    `mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }`,
    { id: pr.nodeId },
  );
  expect(pr.pull.isDraft).toBe(false);
  await expect(
    query(
      `mutation($id: ID!) { addPullRequestReview(input: { pullRequestId: $id, event: APPROVE }) { clientMutationId } }`,
      { id: pr.nodeId },
    ),
  ).rejects.toThrow("Can not approve your own pull request");
  await github.settled();
});

test("what is unknown is NOT_FOUND, what is not in the schema an error, and a field that we lack fails loudly", async () => {
  const { query } = await startScene();
  await expect(query(`{ repository(owner: "acme", name: "nope") { id } }`)).rejects.toMatchObject({
    errors: [{ type: "NOT_FOUND", path: ["repository"] }],
  });
  await expect(query(`{ repository(owner: "acme", name: "shop") { colour } }`)).rejects.toThrow(/colour/);
  await expect(query(`{ repository(owner: "acme", name: "shop") { diskUsage } }`)).rejects.toThrow(
    "the counterpart has no Repository.diskUsage",
  );
  await expect(
    query(`{ repository(owner: "acme", name: "shop") { issues { totalCount nodes { id } } } }`),
  ).rejects.toThrow(/must provide a `first` or `last`/);
});
