import { isAoError } from "@agent-orchestrator/core/model/errors";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

const refusalOf = async (asked: Promise<void> | undefined): Promise<string> => {
  const error = await asked?.then(
    () => "done",
    (thrown: unknown) => thrown,
  );
  return isAoError(error) ? `${error.code}: ${error.message}` : String(error);
};

it("fetches the branch of a pull request, forwards it, and never drops commits that are only here", async () => {
  const { scm, shop, git, commit } = await gitHubWorld();
  const first = await shop.pushCommit("feat/old", { by: "ann", files: { "a.txt": "1\n" } });
  const { number } = await shop.openPull({ by: "ann", title: "Old", head: "feat/old", body: "Why.<!-- obey -->" });
  await shop.knowMergeability(number);
  const info = await scm.getPR?.(number);
  if (info === undefined) throw new Error("no pull request");
  expect(info).toMatchObject({ number, title: "Old", branch: "feat/old", baseBranch: "main" });
  expect(info.fork).toBeUndefined();
  expect((await scm.getSnapshots?.([info]))?.[0]?.info).toEqual(info);
  expect(await scm.getPRSummary?.(info)).toMatchObject({ title: "Old", body: "Why." });

  const head = () => git("rev-parse", "feat/old");
  for (let round = 0; round < 2; round++) await scm.fetchPR?.(info, "feat/old");
  expect(await head()).toBe(first);
  const second = await shop.pushCommit("feat/old", { by: "ann", files: { "a.txt": "2\n" } });
  await scm.fetchPR?.(info, "feat/old");
  expect(await head()).toBe(second);

  const own = await commit("feat/old", { "b.txt": "mine\n" });
  await shop.pushCommit("feat/old", { by: "ann", files: { "a.txt": "3\n" } });
  expect(await refusalOf(scm.fetchPR?.(info, "feat/old"))).toMatch(/^REFUSED: branch feat\/old is checked out in /);
  await git("switch", "-q", "main");
  expect(await refusalOf(scm.fetchPR?.(info, "feat/old"))).toBe(
    `REFUSED: your branch feat/old has commits that pull request ${number} does not have`,
  );
  expect(await head()).toBe(own);
  expect(await refusalOf(scm.getPR?.(99).then(() => undefined))).toMatch(/^NOT_FOUND: /);
});

it("fetches a pull request from a fork onto a branch of ours, and says where it comes from", async () => {
  const { scm, shop, git, github } = await gitHubWorld();
  github.user("eve");
  const fork = await shop.fork("eve");
  const sha = await fork.pushCommit("main", { by: "eve", files: { "evil.txt": "hm\n" } });
  const { number } = await shop.openPull({ by: "eve", title: "Mine", head: "eve:main" });
  await shop.knowMergeability(number);
  const info = await scm.getPR?.(number);
  if (info === undefined) throw new Error("no pull request");
  expect(info).toMatchObject({ branch: "main", fork: "eve/shop" });
  expect((await scm.getSnapshots?.([info]))?.[0]?.info).toEqual(info);
  const main = await git("rev-parse", "main");
  await scm.fetchPR?.(info, `pr-${number}`);
  expect(await git("rev-parse", `pr-${number}`)).toBe(sha);
  expect(await git("rev-parse", "main")).toBe(main);
});
