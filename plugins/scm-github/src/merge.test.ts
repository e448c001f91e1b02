import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

async function opened() {
  const { shop, scm } = await gitHubWorld();
  await shop.pushCommit("feat/1", { by: "wes", files: { "cart.ts": "export const total = 2;\n" } });
  const { number } = await shop.openPull({ by: "wes", title: "Fix the total", head: "feat/1" });
  return { shop, scm, number, pr: (await scm.getPR?.(number)) as PRInfo };
}

it("is to be tried again where the base moved while GitHub merged", async () => {
  const { shop, scm, number, pr } = await opened();
  // Somebody else's update of the base is under way.
  const lock = join(shop.repo.git.dir, "refs/heads/main.lock");
  writeFileSync(lock, "");
  await expect(scm.mergePR(pr)).rejects.toMatchObject({
    code: "TRY_AGAIN",
    message: expect.stringContaining("Base branch was modified"),
  });
  rmSync(lock);
  await scm.mergePR(pr);
  expect(shop.pull(number).pull.mergedAt).not.toBeNull();
});

it("is refused for a conflict, which trying again does not help", async () => {
  const { shop, scm, pr } = await opened();
  await shop.pushCommit("main", { by: "ann", files: { "cart.ts": "export const total = 3;\n" } });
  await expect(scm.mergePR(pr)).rejects.toMatchObject({
    code: "REFUSED",
    message: expect.stringContaining("not mergeable"),
  });
});

it("is judged anew before a merge, and not from memory", async () => {
  const { shop, scm, number, pr } = await opened();
  await shop.knowMergeability(number);
  const reviewOf = async (options: { isFresh?: boolean }) => (await scm.getSnapshots?.([pr], options))?.[0]?.review;
  expect(await reviewOf({})).toBe("none");
  await shop.review(number, { by: "ann", verdict: "REQUEST_CHANGES", body: "No." });
  expect([await reviewOf({}), await reviewOf({ isFresh: true })]).toEqual(["none", "changes_requested"]);
});
