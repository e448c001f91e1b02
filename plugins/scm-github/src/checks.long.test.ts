import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import type { RepoControl } from "@agent-orchestrator/testkit/github/github";
import { describe, expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

/** A pull request of Wes, and how its checks stand now. */
async function opened() {
  const { shop, scm } = await gitHubWorld();
  const sha = await shop.pushCommit("feat/1", { by: "wes", files: { "cart.ts": "export const total = 2;\n" } });
  const { number } = await shop.openPull({ by: "wes", title: "Fix the total", head: "feat/1" });
  await shop.knowMergeability(number);
  const pr = (await scm.getPR?.(number)) as PRInfo;
  const start = (by: Partial<Parameters<RepoControl["startRun"]>[0]> = {}) =>
    shop.startRun({ sha, branch: "feat/1", by: "wes", jobs: [{ name: "test" }], ...by });
  return {
    shop,
    sha,
    start,
    async look() {
      const { mergeable } = await scm.getMergeability(pr);
      const checks = await scm.getCIChecks(pr);
      return { mergeable, ci: await scm.getCISummary(pr), checks: checks.map(({ name, status }) => [name, status]) };
    },
    end(run: ReturnType<typeof start>, conclusion: "success" | "failure") {
      for (const job of run.jobs) shop.finishJob(job, { conclusion });
    },
  };
}

describe("two checks of one name", () => {
  it("are two where one workflow was started by a push and by the pull request", async () => {
    const { start, end, look } = await opened();
    const pushed = start({ event: "push" });
    end(start({ event: "pull_request" }), "success");
    const green = ["test (pull_request)", "passed"];
    expect(await look()).toEqual({ mergeable: false, ci: "pending", checks: [["test (push)", "pending"], green] });
    end(pushed, "failure");
    expect(await look()).toEqual({ mergeable: false, ci: "failing", checks: [["test (push)", "failed"], green] });
  });

  it("are one where the same event started it again: the newer counts", async () => {
    const { start, end, look } = await opened();
    end(start(), "failure");
    end(start(), "success");
    expect(await look()).toEqual({ mergeable: true, ci: "passing", checks: [["test", "passed"]] });
  });

  it("are two where an app and a commit status have it", async () => {
    const { shop, sha, look } = await opened();
    shop.addCheck({ name: "build", sha, conclusion: "failure" });
    shop.addStatus({ by: "wes", sha, context: "build", state: "success" });
    const checks = [
      ["build (ci)", "failed"],
      ["build (status)", "passed"],
    ];
    expect(await look()).toEqual({ mergeable: false, ci: "failing", checks });
  });
});

describe("a run of a workflow without a job", () => {
  it("is a check that waits, until somebody approves it", async () => {
    const { shop, start, end, look } = await opened();
    const run = start({ awaitsApproval: true });
    expect(await look()).toEqual({
      mergeable: false,
      ci: "pending",
      checks: [["workflow CI (pull_request)", "pending"]],
    });
    shop.approveRun(run);
    expect(await look()).toEqual({ mergeable: false, ci: "pending", checks: [["test", "pending"]] });
    end(run, "success");
    expect(await look()).toEqual({ mergeable: true, ci: "passing", checks: [["test", "passed"]] });
  });

  it("is a check that waits while GitHub has not begun with it", async () => {
    const { start, look } = await opened();
    start({ jobs: [] });
    expect(await look()).toEqual({
      mergeable: false,
      ci: "pending",
      checks: [["workflow CI (pull_request)", "pending"]],
    });
  });

  it("does not count where the same event has started the workflow again since", async () => {
    const { start, end, look } = await opened();
    start({ awaitsApproval: true });
    end(start(), "success");
    expect(await look()).toEqual({ mergeable: true, ci: "passing", checks: [["test", "passed"]] });
  });
});

it("a suite that an app never uses holds nothing up", async () => {
  const { shop, sha, start, end, look } = await opened();
  const suite = shop.addCheck({ name: "gone", sha, status: "queued" });
  shop.repo.checkRuns.splice(shop.repo.checkRuns.indexOf(suite), 1);
  end(start(), "success");
  expect(await look()).toEqual({ mergeable: true, ci: "passing", checks: [["test", "passed"]] });
});
