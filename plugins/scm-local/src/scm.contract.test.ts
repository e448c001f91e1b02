import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scmContract } from "@agent-orchestrator/testkit/contracts/scm";
import { stallingProgram } from "@agent-orchestrator/testkit/stalling-program";
import { definitionOfCheck } from "./ci/job.ts";
import { amendChecks } from "./ci/run-job.ts";
import { type World, world } from "./fixtures/world.ts";
import plugin from "./index.ts";

scmContract("local", {
  capabilities: {
    snapshots: true,
    create: true,
    review: true,
    resolve: true,
    diff: true,
    pinnedMerge: true,
    watch: true,
    checks: true,
  },
  async setUp({ checks } = { checks: [] }) {
    const options = { ciSettle: 0, ci: checks.map((name) => ({ name, run: "true" })) };
    const env: Record<string, string> = {};
    const w = world({ files: { "README.md": "# test\n" }, options, env });
    return {
      scm: plugin.create(options, w.context),
      project: w.desk.project,
      async commit(branch, files) {
        return branch === "main" ? w.repo.commit("on main", files) : w.commit(branch, files);
      },
      open: (branch, title) => w.open(branch, title),
      report: async (branch, check) => record(w, { branch, ...check }),
      stall() {
        env.PATH = stallingProgram("git", process.env.PATH ?? "");
      },
    };
  },
});

/** Writes what a run would have left. */
function record(w: World, { branch, ...check }: { branch: string; name: string; isPassing: boolean; log: string }) {
  const sha = w.repo.git("rev-parse", `refs/heads/${branch}`).trim();
  const command = w.desk.options.ci.find((one) => one.name === check.name);
  if (command === undefined) throw new Error(`no check ${check.name}`);
  const log = join("logs", sha, "reported.log");
  mkdirSync(join(w.stateDir, "logs", sha), { recursive: true });
  writeFileSync(join(w.stateDir, log), check.log);
  const at = "2026-01-01T00:00:00.000Z";
  const result = {
    definition: definitionOfCheck(command),
    attempt: 1,
    status: check.isPassing ? ("passed" as const) : ("failed" as const),
    conclusion: check.isPassing ? "success" : "failure",
    startedAt: at,
    completedAt: at,
    exitCode: check.isPassing ? 0 : 1,
    log,
    base: { sha: w.repo.git("rev-parse", "main").trim(), isFailing: false },
  };
  amendChecks(w.desk, sha, (commit) => ({ ...commit, results: { [check.name]: result } }));
}
