import type { Octokit } from "@octokit/rest";
import { createEmulator } from "emulate";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../free-port.ts";
import { client, startGitHub, withAuth } from "./start.ts";

const repo = { owner: "ann", repo: "shop" };

/** The same calls on both servers. Each step keeps only what does not depend on ids, times and addresses. */
async function story(octokit: Octokit): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  const status = (call: Promise<{ status: number }>) =>
    call.then(
      (answer) => answer.status,
      (error: { status?: number }) => error.status ?? "no status",
    );
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  await octokit.repos.createOrUpdateFileContents({ ...repo, path: "a.txt", message: "first", content: base64("a\n") });
  const { data: made } = await octokit.issues.create({ ...repo, title: "wrong", labels: ["bug"] });
  seen.issue = [
    made.number,
    made.state,
    made.title,
    made.labels.map((label) => (typeof label === "string" ? label : label.name)),
    made.comments,
  ];
  await octokit.issues.createComment({ ...repo, issue_number: 1, body: "more" });
  seen.comments = (await octokit.issues.listComments({ ...repo, issue_number: 1 })).data.map(({ body, user }) => [
    body,
    user?.login,
  ]);
  await octokit.issues.update({ ...repo, issue_number: 1, state: "closed" });
  seen.open = (await octokit.issues.listForRepo({ ...repo })).data.length;
  seen.closed = (await octokit.issues.listForRepo({ ...repo, state: "closed" })).data.map(
    ({ number, state_reason }) => [number, state_reason],
  );
  const { data: main } = await octokit.git.getRef({ ...repo, ref: "heads/main" });
  await octokit.git.createRef({ ...repo, ref: "refs/heads/feat", sha: main.object.sha });
  seen.twice = await status(octokit.git.createRef({ ...repo, ref: "refs/heads/feat", sha: main.object.sha }));
  await octokit.repos.createOrUpdateFileContents({
    ...repo,
    path: "b.txt",
    message: "second",
    content: base64("b\n"),
    branch: "feat",
  });
  const { data: pr } = await octokit.pulls.create({
    ...repo,
    title: "add b",
    head: "feat",
    base: "main",
    body: "text",
  });
  seen.pull = [pr.number, pr.state, pr.draft, pr.merged, pr.head.ref, pr.base.ref, pr.head.label, pr.user?.login];
  seen.byHead = (await octokit.pulls.list({ ...repo, head: "ann:feat" })).data.map(({ number }) => number);
  seen.byOther = (await octokit.pulls.list({ ...repo, head: "ann:other" })).data.length;
  seen.again = await status(octokit.pulls.create({ ...repo, title: "add b", head: "feat", base: "main" }));
  await octokit.pulls.createReview({ ...repo, pull_number: 2, event: "COMMENT", body: "hm" });
  seen.reviews = (await octokit.pulls.listReviews({ ...repo, pull_number: 2 })).data.map(({ state, body, user }) => [
    state,
    body,
    user?.login,
  ]);
  const { data: merged } = await octokit.pulls.merge({ ...repo, pull_number: 2, merge_method: "squash" });
  seen.merged = merged.merged;
  const { data: after } = await octokit.pulls.get({ ...repo, pull_number: 2 });
  seen.after = [after.state, after.merged, after.merged_by?.login];
  seen.secondMerge = await status(octokit.pulls.merge({ ...repo, pull_number: 2 }));
  seen.nowhere = await status(octokit.issues.get({ ...repo, issue_number: 99 }));
  seen.noRepo = await status(octokit.repos.get({ owner: "ann", repo: "nope" }));
  seen.branches = (await octokit.repos.listBranches(repo)).data.map(({ name }) => name).sort();
  for (let at = 0; at < 3; at++) await octokit.issues.create({ ...repo, title: `page ${at}` });
  const paged = await octokit.issues.listForRepo({ ...repo, per_page: 2 });
  seen.pages = [
    paged.data.length,
    /rel="next"/.test(paged.headers.link ?? ""),
    /rel="last"/.test(paged.headers.link ?? ""),
  ];
  return seen;
}

test("REST answers here as the independent emulator answers", async () => {
  const github = await startGitHub();
  await github.addRepo("ann/shop", { files: {} });
  const ours = await story(client(github, github.token("ann")));
  const emulator = await createEmulator({
    service: "github",
    port: await freePort(),
    seed: {
      tokens: { token_ann: { login: "ann", scopes: ["repo"] } },
      github: { users: [{ login: "ann" }], repos: [{ owner: "ann", name: "shop", auto_init: false }] },
    },
  });
  onTestFinished(() => emulator.close());
  const theirs = await story(withAuth({ baseUrl: emulator.url }, "token_ann"));
  // The documentation says 422 for a second pull request of one branch, and 405 for what cannot be merged.
  expect([ours.again, ours.secondMerge, theirs.again, theirs.secondMerge]).toEqual([422, 405, 201, 422]);
  expect({ ...ours, again: 0, secondMerge: 0 }).toEqual({ ...theirs, again: 0, secondMerge: 0 });
});
