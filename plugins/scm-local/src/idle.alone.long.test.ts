import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { definitionOfCheck } from "./ci/job.ts";
import { amendChecks } from "./ci/run-job.ts";
import { infoOf, recordOf } from "./desk.ts";
import { type World, world } from "./fixtures/world.ts";
import type { Repository } from "./repository.ts";

const PRS = 200;
const SECONDS = 4;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Creates that many pull requests with green CI: one in the usual way, the others as copies of it on separate branches. */
async function greenPullRequests(w: World) {
  const head = w.commit("feat/1", { "x.txt": "x" });
  const first = await w.open("feat/1");
  const numbers = Array.from({ length: PRS - 1 }, (_, index) => index + 2);
  const input = numbers.map((number) => `create refs/heads/feat/${number} ${head}\n`).join("");
  execFileSync("git", ["update-ref", "--stdin"], { cwd: w.repo.path, env: w.repo.env, input });
  for (const number of numbers) {
    w.desk.prs.add(String(number), { ...recordOf(w.desk, first), number, branch: `feat/${number}` });
  }
  const [check] = w.desk.options.ci;
  if (check === undefined) throw new Error("no check");
  const at = "2026-01-01T00:00:00.000Z";
  const times = { startedAt: at, completedAt: at };
  const green = { attempt: 1, status: "passed" as const, conclusion: "success", exitCode: 0, log: "none", ...times };
  const results = { test: { definition: definitionOfCheck(check), ...green } };
  amendChecks(w.desk, head, (commit) => ({ ...commit, results }));
  return [1, ...numbers].map((number) => infoOf(w.desk, recordOf(w.desk, { number })));
}

/**
 * Measures the CPU of this process, in percent of a core, while `work` runs once a second. It takes the cheapest of several seconds,
 * since other load on this machine only adds to it.
 */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  for (let second = 0; second < SECONDS; second++) {
    const before = process.cpuUsage();
    await work();
    await pause(1_000);
    const used = process.cpuUsage(before);
    seconds.push((used.user + used.system) / 1e6 / 0.01);
  }
  return Math.min(...seconds);
}

/** Twice the goal: a slower machine is no fault. */
const MOST_PERCENT = 0.6;

it("watches 200 idle pull requests for less than 0.3 % of a core and without a process", async () => {
  const w = world({ options: { ci: [{ name: "test", run: "true" }], ciSettle: 0 } });
  const prs = await greenPullRequests(w);
  const nothing = await cpuOf(() => Promise.resolve());
  const changes = await w.watch();
  const ask = async () => {
    const snapshots = await w.scm.getSnapshots(prs);
    expect(snapshots.filter((one) => one?.ci === "passing")).toHaveLength(PRS);
  };
  await ask();
  await pause(1_000);
  await ask();

  changes.splice(0);
  const calls = countCalls(await w.desk.repository());
  const percent = await cpuOf(ask);
  const shown = `${percent.toFixed(3)} % of a core (${nothing.toFixed(3)} % without), ${calls()} processes`;
  console.log(`${PRS} idle pull requests, asked for once a second and watched: ${shown}`);
  expect(calls()).toBe(0);
  expect(changes).toEqual([]);
  expect(percent - nothing).toBeLessThan(MOST_PERCENT);
});

/** Counts the calls that would start git. */
function countCalls(repository: Repository): () => number {
  let calls = 0;
  for (const name of ["git", "lab"] as const) {
    const real = repository[name];
    repository[name] = (...args) => {
      calls += 1;
      return real(...args);
    };
  }
  return () => calls;
}
