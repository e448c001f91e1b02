import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { expect, it } from "vitest";
import { type GitHubWorld, gitHubWorld } from "./testing/world.ts";

const CI = ".github/workflows/ci.yml";
const WORKFLOW = { [CI]: "on: pull_request\n" };
const FIX = { "cart.ts": "export const total = 2;\n" };

interface Opened extends GitHubWorld {
  /** The pull request's first head. */
  sha: string;
}

/** What is said of the checks of a pull request of Wes. `before`: the files on main. `change`: what happens afterwards. */
async function absence({
  before = {},
  change,
}: {
  before?: Record<string, string>;
  change?(it: Opened): Promise<void>;
}) {
  const world = await gitHubWorld();
  const { shop, scm, git, commit } = world;
  if (Object.keys(before).length > 0) await shop.pushCommit("main", { by: "ann", files: before });
  await git("fetch", "-q", "origin");
  const sha = await commit("feat/1", FIX);
  await git("push", "-q", "origin", "feat/1");
  const { number } = await shop.openPull({ by: "wes", title: "Fix the total", head: "feat/1" });
  await change?.({ ...world, sha });
  await shop.knowMergeability(number);
  const pr = (await scm.getPR?.(number)) as PRInfo;
  const [seen] = (await scm.getSnapshots?.([pr])) ?? [];
  return [seen?.ci, seen?.isCiAbsent];
}

it("is sure that no check comes where there is no workflow and nothing ever had a check", async () => {
  expect(await absence({})).toEqual(["none", true]);
});

it.each<[string, Parameters<typeof absence>[0]]>([
  ["the base has a workflow", { before: WORKFLOW }],
  [
    "the head has a workflow that its base has no more",
    {
      before: WORKFLOW,
      change: async ({ git }) => {
        await git("checkout", "-q", "-B", "main", "origin/main");
        await git("rm", "-q", CI);
        await git("commit", "-qm", "Without CI");
        await git("push", "-q", "origin", "main");
      },
    },
  ],
  [
    "a recent commit of the default branch had a status",
    {
      change: async ({ shop, git }) => {
        shop.addStatus({ by: "wes", sha: await git("rev-parse", "origin/main"), context: "build", state: "success" });
      },
    },
  ],
  [
    "an earlier head had a check",
    {
      change: async ({ shop, sha, commit, git }) => {
        shop.addCheck({ name: "test", sha, branch: "feat/1", conclusion: "failure" });
        await commit("feat/1", { "cart.ts": "export const total = 3;\n" });
        await git("push", "-q", "origin", "feat/1");
      },
    },
  ],
  [
    "a head that a force push replaced had a check",
    {
      change: async ({ shop, sha, git }) => {
        shop.addCheck({ name: "test", sha, branch: "feat/1", conclusion: "failure" });
        await git("commit", "-q", "--amend", "-m", "Again");
        await git("push", "-qf", "origin", "feat/1");
      },
    },
  ],
])("is not sure of it where %s", async (_, given) => {
  expect(await absence(given)).toEqual(["none", false]);
});
