import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PRInfo, PRSnapshot } from "@agent-orchestrator/core/model/pull-request";
import type { SubmitReviewInput } from "@agent-orchestrator/core/slots/scm";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

/** Wes opened it with the token that the plugin has. */
async function ownPullRequest() {
  const world = await gitHubWorld();
  const { shop, scm, project } = world;
  const head = await shop.pushCommit("feat/1", { by: "wes", files: { "cart.ts": "export const total = 2;\n" } });
  const { number } = await shop.openPull({ by: "wes", title: "Fix the total", head: "feat/1" });
  await shop.knowMergeability(number);
  const pr = (await scm.detectPR(pluginSession({ branch: "feat/1" }), project, { isWoken: true })) as PRInfo;
  const push = async (text: string) => {
    const sha = await shop.pushCommit("feat/1", { by: "wes", files: { "cart.ts": text } });
    await shop.knowMergeability(number);
    return sha;
  };
  const look = async (from = scm): Promise<PRSnapshot> => {
    await from.getCISummary(pr); // As it is now, not from memory.
    return (await from.getSnapshots?.([pr]))?.[0] as PRSnapshot;
  };
  return { ...world, pr, head, push, look, posted: () => shop.pull(number).comments };
}

const request: SubmitReviewInput = {
  id: "wish-1",
  state: "changes_requested",
  body: "Nearly.",
  comments: [{ path: "cart.ts", line: 1, body: "And the tax?" }],
};

it("holds the author's request for changes through pushes until their approval, which is of one head", async () => {
  const { scm, pr, head, push, look, posted } = await ownPullRequest();
  const given = await scm.submitReview?.(pr, { ...request, headSha: head });
  expect(given).toMatchObject({ state: "changes_requested", author: "wes", headSha: head, isTrusted: true });
  expect(posted()).toHaveLength(1);
  expect(posted()[0]?.body).toMatch(/Changes requested[\s\S]*Nearly\.[\s\S]*cart\.ts:1[\s\S]*And the tax\?/);

  const asked = await look();
  expect(asked.review).toBe("changes_requested");
  expect(asked.reviews).toEqual([given]);
  expect(asked.comments).toMatchObject([
    { path: "cart.ts", line: 1, body: "And the tax?", isTrusted: true, author: "wes", reviewId: given?.id },
  ]);
  expect(asked.readiness.blockers).toContain("changes were requested");

  const fixed = await push("export const total = 3;\n");
  expect((await look()).review).toBe("changes_requested");

  await scm.submitReview?.(pr, { id: "wish-2", state: "approved", body: "", headSha: fixed });
  const approved = await look();
  expect([approved.review, approved.comments]).toEqual(["approved", []]);
  expect(approved.readiness).toMatchObject({ mergeable: true, blockers: [] });

  await push("export const total = 4;\n");
  const overtaken = await look();
  expect(overtaken.review).toBe("none");
  expect(overtaken.reviews.at(-1)).toMatchObject({ state: "dismissed", headSha: fixed });
});

it("takes a review id for one review, also when the first answer was lost", async () => {
  const { scm, again, github, pr, context, look, posted, push } = await ownPullRequest();
  const first = await scm.submitReview?.(pr, request);
  expect(await scm.submitReview?.(pr, request)).toEqual(first);
  expect(await again().submitReview?.(pr, request)).toEqual(first);
  expect(posted()).toHaveLength(1);
  expect((await look()).reviews).toHaveLength(1);

  // The comment is on GitHub, but the daemon ended before it recorded the verdict.
  const approval = { id: "wish-2", state: "approved", body: "Good." } as const;
  const file = join(context.stateDir, "verdicts", readdirSync(join(context.stateDir, "verdicts"))[0] ?? "");
  const before = readFileSync(file, "utf8");
  const made = await scm.submitReview?.(pr, approval);
  writeFileSync(file, before);
  await push("export const total = 5;\n");
  expect(await again().submitReview?.(pr, approval)).toEqual(made);
  expect(posted()).toHaveLength(2);

  github.fault({ kind: "no-answer" });
  const lost = again().submitReview?.(
    pr,
    { id: "wish-3", state: "approved", body: "" },
    { signal: AbortSignal.timeout(300) },
  );
  await expect(lost).rejects.toThrow();
  github.clearFaults();
  expect(posted()).toHaveLength(2);
});

it("sets a verdict aside that an agent wrote", async () => {
  const { scm, again, pr, head, context, look } = await ownPullRequest();
  await scm.submitReview?.(pr, request);
  const folder = join(context.stateDir, "verdicts");
  const file = join(folder, readdirSync(folder)[0] ?? "");
  const forge = () => {
    writeFileSync(`${file}.mine`, readFileSync(file, "utf8").replace("changes_requested", "approved"));
    renameSync(`${file}.mine`, file);
  };
  forge();
  expect((await look()).review).toBe("changes_requested"); // What it knows counts.
  forge();
  const restarted = await look(again());
  expect(restarted.reviews.filter(({ state, headSha }) => state === "approved" && headSha === head)).toEqual([]);
  expect(readdirSync(join(context.home, "quarantine"))).toHaveLength(2);
});

it("waits for somebody else where the base requires an approval, and says so", async () => {
  const { scm, shop, pr, look } = await ownPullRequest();
  await shop.protect("main", { requiredApprovals: 1 });
  await scm.submitReview?.(pr, { id: "wish-1", state: "approved", body: "" });
  const seen = await look();
  expect(seen.review).toBe("pending");
  expect(seen.readiness.mergeable).toBe(false);
  expect(seen.readiness.blockers.join()).toMatch(/approval by somebody else than wes/);
  await shop.review(pr.number, { by: "ann", verdict: "APPROVE" });
  expect((await look()).review).toBe("approved");
});

it("takes the author's own comments for theirs, and never what ao wrote", async () => {
  const { scm, shop, pr, look } = await ownPullRequest();
  await scm.submitReview?.(pr, request);
  const [comment] = (await look()).comments;
  await scm.replyTo?.(pr, comment?.id ?? "", "Done in the last commit.");
  const quotation = shop.pull(pr.number).comments[0]?.body.replace(/^/gm, "> ");
  shop.comment(pr.number, { by: "wes", body: `${quotation}\n\nPlease name it \`sum\`.` });
  shop.allow("wes", "read");
  const seen = await look(scm);
  expect(seen.comments.map(({ body, isTrusted }) => [body, isTrusted])).toEqual([
    [expect.stringContaining("Please name it `sum`."), true],
    ["And the tax?", true],
  ]);
  await scm.resolve?.(pr, comment?.id ?? "");
  expect((await look()).comments.map(({ body }) => body)).toEqual([expect.stringContaining("`sum`")]);
});

it("sends the author's remark without a verdict as a real review", async () => {
  const { scm, shop, pr, look, posted } = await ownPullRequest();
  await scm.submitReview?.(pr, { id: "wish-1", state: "commented", body: "Why not `sum`?" });
  expect(posted()).toEqual([]);
  expect(shop.pull(pr.number).pull.reviews).toHaveLength(1);
  expect((await look()).reviews).toMatchObject([{ state: "commented", isTrusted: true, author: "wes" }]);
});
