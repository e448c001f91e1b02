import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning, startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { type World, world } from "../fixtures/world.ts";
import { pruneChecks } from "./retention.ts";
import { amendChecks } from "./run-job.ts";

type CI = { name: string; run: string; timeout?: string }[];

const check = (run: string, more: object = {}): CI => [{ name: "test", run, ...more }];

/** A folder outside the checkout where commands leave traces. */
const traces = (w: World) => join(w.repo.path, "..", "traces");

async function settled(w: World, number = 1) {
  const pr = { number } as Parameters<World["scm"]["getCIChecks"]>[0];
  return waitFor(
    async () => {
      const checks = await w.scm.getCIChecks(pr);
      return checks.every((one) => one.status === "passed" || one.status === "failed") ? checks : null;
    },
    { timeoutMs: 20_000, what: "CI to finish" },
  );
}

it("runs on the exact head, in a separate checkout, with the project's environment and without a terminal", async () => {
  const w = world({
    options: { ci: check("git rev-parse HEAD; cat file.txt; env | sort; cat; pwd") },
    env: { FROM_USER: "yes" },
  });
  const head = w.commit("feat/1", { "file.txt": "of the branch\n" });
  const pr = await w.open("feat/1");
  w.repo.write("file.txt", "of the main checkout\n");
  await w.watch();
  const [done] = await settled(w);
  expect(done).toMatchObject({ status: "passed", conclusion: "success", attempt: 1, headSha: head });
  const log = await w.scm.getCheckLog(pr, done ?? { name: "test", status: "passed" });
  for (const line of [head, "of the branch", "CI=true", "AO_CI=1", "FROM_USER=yes", "[exit 0]"]) {
    expect(log.split("\n")).toContain(line);
  }
  expect(log).toContain(join(w.stateDir, "ci", "checkout"));
  expect(w.repo.git("worktree", "list", "--porcelain").match(/^worktree /gm)).toHaveLength(1);
});

it("never works on the user's files, even if a command made its git folder a link to the user's", async () => {
  const w = world({ options: { ci: check(`rm -rf .git; ln -s ../../../repo/.git .git`) } });
  w.commit("feat/1", { "1.txt": "1" });
  const pr = await w.open("feat/1");
  w.repo.write("a.txt", "the user's edit\n");
  const config = readFileSync(join(w.repo.path, ".git", "config"), "utf8");
  await w.watch();
  await settled(w);
  const second = w.commit("feat/1", { "1.txt": "2" });
  await waitFor(async () => (await w.scm.getCIChecks(pr))[0]?.headSha === second);
  expect(await settled(w)).toMatchObject([{ status: "passed" }]);
  expect(readFileSync(join(w.repo.path, "a.txt"), "utf8")).toBe("the user's edit\n");
  expect(readFileSync(join(w.repo.path, ".git", "config"), "utf8")).toBe(config);
  expect(w.repo.git("symbolic-ref", "HEAD").trim()).toBe("refs/heads/main");
});

it("keeps one checkout, and cleans all but its caches between runs", async () => {
  const run =
    "ls; test ! -e left.txt; touch left.txt; mkdir -p node_modules dist; echo x >> node_modules/n; echo x > dist/d; cat node_modules/n | wc -l";
  const w = world({ options: { ci: check(run) }, files: { "a.txt": "a", ".gitignore": "dist\nnode_modules\n" } });
  w.commit("feat/1", { "1.txt": "1" });
  const pr = await w.open("feat/1");
  await w.watch();
  await settled(w);
  const second = w.commit("feat/1", { "1.txt": null, "2.txt": "2" });
  await waitFor(async () => (await w.scm.getCIChecks(pr))[0]?.headSha === second);
  const [done] = await settled(w);
  const log = await w.scm.getCheckLog(pr, done ?? { name: "test", status: "passed" });
  expect(log.split("\n")).toEqual(["2.txt", "a.txt", "node_modules", "2", "", "[exit 0]"]);
});

it("prepares the checkout with postCreate, or with ciSetup instead", async () => {
  const w = world({ options: { ci: check("test -f ready && test ! -f other") }, postCreate: ["touch ready"] });
  w.commit("feat/1", { "1.txt": "1" });
  await w.open("feat/1");
  await w.watch();
  expect(await settled(w)).toMatchObject([{ status: "passed" }]);
  const own = world({
    options: { ci: check("test -f own && test ! -f ready"), ciSetup: "touch own" },
    postCreate: ["touch ready"],
  });
  own.commit("feat/1", { "1.txt": "1" });
  await own.open("feat/1");
  await own.watch();
  expect(await settled(own)).toMatchObject([{ status: "passed" }]);
});

it("gives no verdict after a failed set-up, reports it once, and never calls the commit failing", async () => {
  const w = world({ options: { ci: check("true"), ciSetup: ["echo trying", "echo no network >&2; exit 7"] } });
  w.commit("feat/1", { "1.txt": "1" });
  const pr = await w.open("feat/1");
  await w.watch();
  const checks = await waitFor(async () => {
    const found = await w.scm.getCIChecks(pr);
    return found[0]?.conclusion === "setup-failed" ? found : null;
  });
  const problem = "CI could not be set up: echo no network >&2; exit 7: exit 7: no network";
  expect(checks[0]).toMatchObject({ status: "pending", problem });
  expect(await w.scm.getCISummary(pr)).toBe("pending");
  expect((await w.scm.getMergeability(pr)).blockers).toContain(`CI cannot run here: ${problem}`);
  expect(await w.scm.getCheckLog(pr, checks[0] ?? { name: "", status: "pending" })).toContain("no network");
  expect(w.warnings.filter((line) => line.includes("could not be set up"))).toHaveLength(1);
});

/** Waits until each check has passed, failed, or been prevented by this machine. */
const judged = (w: World) =>
  waitFor(
    async () => {
      const checks = await w.scm.getCIChecks({ number: 1 } as Parameters<World["scm"]["getCIChecks"]>[0]);
      return checks.every((one) => ["passed", "failed"].includes(one.status) || one.problem !== undefined)
        ? checks
        : null;
    },
    { timeoutMs: 20_000, what: "CI to give its results" },
  );

it("gives no verdict, but a reason, after a missing program or a killed command", async () => {
  const ci = [
    { name: "program", run: "ao-no-such-program --all" },
    { name: "in a script", run: "sh ./run.sh" },
    { name: "no program", run: "./file.txt" },
    { name: "memory", run: "kill -9 $$" },
    { name: "shutdown", run: "sh -c 'kill -TERM $$'; exit 143" },
    { name: "own", run: "exit 3" },
  ];
  const files = { "run.sh": "ao-no-such-program\n", "file.txt": "text\n" };
  const w = world({ options: { ci }, files });
  w.commit("feat/1", { "1.txt": "1" });
  const pr = await w.open("feat/1");
  await w.watch();
  const checks = await judged(w);
  expect(checks.map(({ name, status, problem = "" }) => [name, status, problem])).toEqual([
    ["program", "pending", expect.stringMatching(/^ao-no-such-program: .*not found \(exit 127\)$/)],
    ["in a script", "pending", expect.stringMatching(/ao-no-such-program: .*not found \(exit 127\)$/)],
    ["no program", "pending", expect.stringMatching(/file\.txt: Permission denied \(exit 126\)$/)],
    ["memory", "pending", "killed (SIGKILL); the machine may have run out of memory"],
    ["shutdown", "pending", "ended from outside (SIGTERM)"],
    ["own", "failed", ""],
  ]);
  expect(checks.filter(({ failsOnBase }) => failsOnBase === true).map(({ name }) => name)).toEqual(["own"]);
  expect((await w.scm.getMergeability(pr)).blockers).toContain("checks fail: own");
  const [first] = checks;
  expect(await w.scm.getCheckLog(pr, first ?? { name: "", status: "pending" })).toContain("ao-no-such-program");
});

it("calls it the branch's failure if the base can run the program that the commit lacks", async () => {
  const w = world({ options: { ci: check("./t.sh") }, files: { "README.md": "x" } });
  w.repo.write("t.sh", "#!/bin/sh\n");
  w.repo.git("update-index", "--add", "--chmod=+x", "t.sh");
  w.repo.git("commit", "-qm", "Add the test");
  w.commit("feat/1", { "t.sh": null });
  await w.open("feat/1");
  await w.watch();
  expect(await settled(w)).toMatchObject([{ status: "failed", failsOnBase: false }]);
});

it("ends a run, with everything that it started, when there is a newer head, and reports no result", async () => {
  const w = world();
  const trace = traces(w);
  const run = `if test -f slow.txt; then (setsid sh -c 'echo $$ >> ${trace}; exec sleep 600' &) ; echo $$ >> ${trace}; sleep 600; fi`;
  const live = world({ options: { ci: check(run) } });
  live.commit("feat/1", { "slow.txt": "1" });
  const pr = await live.open("feat/1");
  await live.watch();
  const pids = await waitFor(() => {
    const found = existsSync(trace) ? readFileSync(trace, "utf8").trim().split("\n").map(Number) : [];
    return found.length === 2 ? found : null;
  });
  const refs = pids.map((pid) => ({ pid, startId: startIdOf(pid) ?? "" }));
  expect((await live.scm.getCIChecks(pr))[0]).toMatchObject({ status: "running" });
  const head = live.commit("feat/1", { "slow.txt": null, "fast.txt": "2" });
  await waitFor(async () => (await live.scm.getCISummary(pr)) === "passing", { timeoutMs: 15_000 });
  expect(refs.map(isRunning)).toEqual([false, false]);
  expect(live.desk.checks.keys()).toEqual([head]);
});

it("waits until a tip has settled, and runs a queue of many one at a time, in order", async () => {
  const w = world();
  const trace = traces(w);
  const run = `ls *.id >> ${trace}; mkdir ${trace}.lock || echo TWICE >> ${trace}; sleep 0.1; rmdir ${trace}.lock`;
  const live = world({ options: { ci: check(run), ciSettle: "300ms" } });
  await live.watch();
  for (const id of ["a", "b", "c"]) {
    for (let push = 0; push < 3; push++) live.commit(`feat/${id}`, { [`${id}.id`]: `${push}` });
    await live.open(`feat/${id}`);
  }
  for (const number of [1, 2, 3]) expect(await settled(live, number)).toMatchObject([{ status: "passed" }]);
  expect(readFileSync(trace, "utf8")).toBe("a.id\nb.id\nc.id\n");
});

it("ends a command at its time limit, and one that floods its output, and keeps both ends of the log", async () => {
  const ci = [
    { name: "slow", run: "echo began; sleep 600", timeout: "400ms" },
    { name: "flood", run: "echo first; yes flooding" },
    { name: "long", run: "echo first; seq 1 20000; echo last" },
  ];
  const w = world({ options: { ci, ciMaxLogBytes: 8_192 } });
  w.commit("feat/1", { "1.txt": "1" });
  const pr = await w.open("feat/1");
  await w.watch();
  const checks = await settled(w);
  expect(checks.map(({ status, conclusion }) => [status, conclusion])).toEqual([
    ["failed", "timed_out"],
    ["failed", "output_limit"],
    ["passed", "success"],
  ]);
  const logs = checks.map((one) => readFileSync(new URL(one.url ?? ""), "utf8"));
  expect(logs[0]).toBe("began\n\n[ended: it ran longer than 0.4 s]\n");
  for (const log of logs) expect(log.length).toBeLessThan(8_192 + 200);
  expect(logs[2]).toMatch(
    /^first\n1\n2\n[\s\S]*\[… \d+ bytes left out …\]\n[\s\S]*19999\n20000\nlast\n\n\[exit 0\]\n$/,
  );
  const part = await w.scm.getCheckLog(pr, checks[2] ?? { name: "", status: "passed" }, { maxBytes: 200 });
  expect(part.length).toBeLessThanOrEqual(200);
  expect(part).toMatch(/20000\nlast\n\n\[exit 0\]$/);
});

it("distinguishes failures of the base from those of the branch, and runs the base once", async () => {
  const w = world();
  const trace = traces(w);
  const ci = [
    { name: "old", run: `echo old >> ${trace}; test -f never` },
    { name: "new", run: `echo new >> ${trace}; test ! -f breaks` },
  ];
  const live = world({ options: { ci } });
  await live.watch();
  for (const id of ["1", "2"]) {
    live.commit(`feat/${id}`, { breaks: id });
    await live.open(`feat/${id}`);
  }
  for (const number of [1, 2]) {
    expect(await settled(live, number)).toMatchObject([
      { name: "old", status: "failed", failsOnBase: true },
      { name: "new", status: "failed", failsOnBase: false },
    ]);
  }
  expect(readFileSync(trace, "utf8").trim().split("\n").sort()).toEqual(["new", "new", "new", "old", "old", "old"]);
});

it("shares the queue with another instance on the same files during a reload, and runs nothing twice", async () => {
  const w = world();
  const trace = traces(w);
  const one = w.again({ ciSettle: 0, ci: check(`echo ran >> ${trace}; sleep 0.7`) });
  one.commit("feat/1", { "1.txt": "1" });
  await one.open("feat/1");
  const two = w.again({ ciSettle: 0, ci: check(`echo ran >> ${trace}; sleep 0.7`) });
  await one.watch();
  await waitFor(() => existsSync(trace));
  await two.watch();
  expect(await settled(two)).toMatchObject([{ status: "passed", attempt: 1 }]);
  await settled(one);
  expect(readFileSync(trace, "utf8")).toBe("ran\n");
});

it("deletes the oldest results and logs that no pull request uses", async () => {
  const w = world({ options: { ci: check("true") } });
  const heads = ["1", "2", "3", "4"].map((text) => w.commit("feat/1", { "x.txt": text }));
  const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
  for (const [index, sha] of heads.entries()) {
    const setupFailure = { definition: "d", attempts: 1, at: at(index), message: "m", log: "l" };
    amendChecks(w.desk, sha, (commit) => ({ ...commit, setupFailure }));
  }
  await w.open("feat/1");
  await pruneChecks(w.desk, [], 2);
  expect(w.desk.checks.keys().sort()).toEqual(heads.slice(1).sort());
});

it("runs a check again after its configuration changed", async () => {
  const w = world({ options: { ci: check("exit 3") } });
  w.commit("feat/1", { "1.txt": "1" });
  await w.open("feat/1");
  const first = await w.scm.watch(() => undefined);
  expect(await settled(w)).toMatchObject([{ status: "failed", attempt: 1 }]);
  await first.stop();
  const changed = w.again({ ci: check("exit 0") });
  await changed.watch();
  expect(await settled(changed)).toMatchObject([{ status: "passed", attempt: 2 }]);
});

it("continues when a file of results or the checkout is broken", async () => {
  const w = world({ options: { ci: check("true") } });
  w.commit("feat/1", { "1.txt": "1" });
  const pr = await w.open("feat/1");
  await w.watch();
  await settled(w);
  writeFileSync(join(w.stateDir, "ci", "checkout", ".git", "HEAD"), "rubbish");
  const head = w.commit("feat/1", { "2.txt": "1" });
  writeFileSync(join(w.stateDir, "checks", `${head}.json`), "{ torn");
  await waitFor(async () => (await w.scm.getCIChecks(pr))[0]?.headSha === head);
  expect(await settled(w)).toMatchObject([{ status: "passed" }]);
  expect(w.warnings.join("\n")).toContain(`${head}.json cannot be read`);
});
