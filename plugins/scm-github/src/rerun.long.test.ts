import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

/** A pull request with a workflow run of two jobs. */
async function world() {
  const base = await gitHubWorld();
  const { shop, scm, project, commit, git } = base;
  const sha = await commit("feat/1", { "cart.ts": "export const total = 2;\n" });
  await git("push", "-q", "origin", "feat/1");
  await shop.openPull({ by: "wes", title: "Fix it", head: "feat/1" });
  const run = shop.startRun({ by: "wes", sha, branch: "feat/1", jobs: [{ name: "e2e" }, { name: "unit" }] });
  const end = (name: string, conclusion: "success" | "failure" | "timed_out") => {
    const job = run.jobs.findLast((one) => one.name === name);
    if (job === undefined) throw new Error(`no job ${name}`);
    shop.startJob(job);
    shop.finishJob(job, { conclusion });
  };
  const info = (await scm.detectPR(pluginSession({ branch: "feat/1" }), project, { isWoken: true })) as PRInfo;
  const checks = async () => {
    const found = await scm.getCIChecks(info);
    return found.map(({ name, status, rerun = "never" }) => [name, status, rerun]).sort();
  };
  const again = async (...names: string[]) => {
    const found = await scm.getCIChecks(info);
    return scm.rerunChecks?.(
      info,
      found.filter(({ name }) => names.includes(name)),
    );
  };
  const asked = () =>
    base.github.requests.filter(({ method, path }) => method === "POST" && /rerun/.test(path)).map(({ path }) => path);
  return { ...base, run, end, checks, again, asked };
}

it("runs a single job again as soon as its workflow run has ended, as a new attempt", async () => {
  const { end, checks, again, asked, run } = await world();
  end("e2e", "timed_out");
  expect(await checks()).toEqual([
    ["e2e", "failed", "later"],
    ["unit", "pending", "never"],
  ]);
  await expect(again("e2e")).rejects.toMatchObject({ message: expect.stringContaining("already running") });
  end("unit", "success");
  expect(await checks()).toContainEqual(["e2e", "failed", "possible"]);
  await again("e2e");
  expect(await checks()).toEqual([
    ["e2e", "pending", "never"],
    ["unit", "passed", "never"],
  ]);
  expect([run.attempt, asked().length]).toEqual([2, 2]);
});

it("runs several jobs of one workflow run again with one request", async () => {
  const { end, checks, again, asked } = await world();
  for (const name of ["e2e", "unit"]) end(name, "failure");
  await again("e2e", "unit");
  expect(asked()).toEqual([expect.stringMatching(/runs\/\d+\/rerun-failed-jobs$/)]);
  expect((await checks()).map(([, status]) => status)).toEqual(["pending", "pending"]);
});

it("says that a token may not do it, and that a check is no job of Actions", async () => {
  const { github, shop, end, again, git } = await world();
  for (const name of ["e2e", "unit"]) end(name, "failure");
  shop.allow("wes", "read");
  await expect(again("e2e")).rejects.toMatchObject({ message: expect.stringContaining("could not run a check again") });
  shop.allow("wes", "write");
  shop.addCheck({ sha: await git("rev-parse", "HEAD"), name: "ext", branch: "feat/1", conclusion: "failure" });
  await github.settled();
  await expect(again("ext")).rejects.toMatchObject({ code: "REFUSED", message: /not a job of GitHub Actions/ });
});
