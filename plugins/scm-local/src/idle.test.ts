import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { definitionOfCheck } from "./ci/job.ts";
import { amendChecks } from "./ci/run-job.ts";
import { world } from "./fixtures/world.ts";

const PRS = 200;

it("watches 200 idle pull requests for less than 0.3 % of a core and without a process", {
  timeout: 60_000,
}, async () => {
  const w = world({ options: { ci: [{ name: "test", run: "true" }], ciSettle: 0 } });
  const base = w.repo.git("rev-parse", "main").trim();
  const tips = Array.from({ length: PRS }, (_, index) => {
    const args = ["commit-tree", `${base}^{tree}`, "-p", base, "-m", `work ${index}`];
    const sha = execFileSync("git", args, { cwd: w.repo.path, env: w.repo.env, encoding: "utf8" }).trim();
    return `create refs/heads/feat/${index} ${sha}\n`;
  });
  execFileSync("git", ["update-ref", "--stdin"], { cwd: w.repo.path, env: w.repo.env, input: tips.join("") });
  const prs = [];
  for (let index = 0; index < PRS; index++) prs.push(await w.open(`feat/${index}`));
  // Results as CI would have left them, so that nothing is to be run.
  const [check] = w.desk.options.ci;
  const at = "2026-01-01T00:00:00.000Z";
  for (const snapshot of await w.scm.getSnapshots(prs)) {
    if (snapshot === null || check === undefined) throw new Error("no snapshot");
    amendChecks(w.desk, snapshot.headSha, (commit) => ({
      ...commit,
      results: {
        test: {
          definition: definitionOfCheck(check),
          attempt: 1,
          status: "passed",
          conclusion: "success",
          startedAt: at,
          completedAt: at,
          exitCode: 0,
          log: "none",
        },
      },
    }));
  }
  const changes = await w.watch();
  const calls = countCalls(w.desk.repository);
  await w.scm.getSnapshots(prs);
  await new Promise((resolve) => setTimeout(resolve, 1_500));

  changes.splice(0);
  (await calls).reset();
  const seconds = 5;
  const before = process.cpuUsage();
  for (let second = 0; second < seconds; second++) {
    // The daemon's own question, once a second.
    const snapshots = await w.scm.getSnapshots(prs);
    expect(snapshots.filter((one) => one?.ci === "passing")).toHaveLength(PRS);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  const used = process.cpuUsage(before);
  const percent = (used.user + used.system) / 1000 / (seconds * 1000) / 0.01;
  console.log(`${PRS} idle pull requests: ${percent.toFixed(3)} % of a core, ${(await calls).count()} processes`);
  expect((await calls).count()).toBe(0);
  expect(changes).toEqual([]);
  expect(percent).toBeLessThan(0.6);
});

/** Counts what would start git. */
async function countCalls(repository: () => Promise<import("./repository.ts").Repository>) {
  const opened = await repository();
  let calls = 0;
  for (const name of ["git", "lab"] as const) {
    const real = opened[name];
    opened[name] = (...args) => {
      calls += 1;
      return real(...args);
    };
  }
  const reset = () => {
    calls = 0;
  };
  return { count: () => calls, reset };
}
