import { pluginSession } from "@agent-orchestrator/testkit/session";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

it("writes a reply with an id once, also after a lost answer, and takes it for nobody's words", async () => {
  const { shop, scm, again, project } = await gitHubWorld();
  await shop.pushCommit("feat/1", { by: "wes", files: { "cart.ts": "export const total = 2;\n" } });
  const { number } = await shop.openPull({ by: "wes", title: "Fix the total", head: "feat/1" });
  await shop.knowMergeability(number);
  const threads = [{ path: "cart.ts", line: 1, body: "Why 2?" }];
  await shop.review(number, { by: "ann", verdict: "REQUEST_CHANGES", body: "Nearly.", threads });
  const pr = await scm.detectPR(pluginSession({ branch: "feat/1" }), project, { isWoken: true });
  if (pr === null) throw new Error("no pull request");
  const [comment] = await scm.getPendingComments(pr);
  const id = "reply:app-1:1:abc--def";
  for (const one of [scm, again()]) await one.replyTo?.(pr, comment?.id ?? "", "Addressed in abc.", { id });
  const said = () => shop.pull(number).pull.threads.flatMap(({ comments }) => comments.map(({ body }) => body));
  expect(said()).toEqual(["Why 2?", expect.stringMatching(/^Addressed in abc\.\n\n<!-- /)]);
  expect((await scm.getPendingComments(pr)).map(({ body }) => body)).toEqual(["Why 2?"]);
  await scm.resolve?.(pr, comment?.id ?? "");
  await again().replyTo?.(pr, comment?.id ?? "", "Addressed in abc.", { id });
  expect([said().length, await scm.getPendingComments(pr), await scm.getReviewDecision(pr)]).toEqual([
    2,
    [],
    "changes_requested",
  ]);
});
