import { isAoError } from "@agent-orchestrator/core/model/errors";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

it("bases a pull request on another branch, again without harm, and says what a missing base is", async () => {
  const { scm, shop, git, commit } = await gitHubWorld();
  await commit("feat/1", { "a.txt": "1\n" });
  await git("branch", "feat/2", "feat/1");
  await commit("feat/2", { "b.txt": "2\n" });
  const open = (branch: string, baseBranch: string) => scm.createPR?.({ title: branch, body: "", branch, baseBranch });
  const early = await open("feat/2", "feat/1")?.catch((error: unknown) => error);
  expect(isAoError(early) ? [early.code, early.message] : early).toEqual([
    "REFUSED",
    "feat/1, which feat/2 is based on, is not on GitHub",
  ]);

  const parent = await open("feat/1", "main");
  const child = await open("feat/2", "feat/1");
  if (parent === undefined || child === undefined) throw new Error("no pull requests");
  expect(child.baseBranch).toBe("feat/1");
  for (const { number } of [parent, child]) await shop.knowMergeability(number);
  await scm.mergePR(parent, "merge");
  for (let round = 0; round < 2; round++) await scm.setBase?.(child, "main");
  await shop.knowMergeability(child.number);
  const [seen] = (await scm.getSnapshots?.([child])) ?? [];
  expect(seen?.info).toMatchObject({ number: child.number, baseBranch: "main" });
  expect(await scm.getDiff?.(child)).not.toContain("a.txt");
});
