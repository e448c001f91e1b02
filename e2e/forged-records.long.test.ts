import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { layoutOf } from "@agent-orchestrator/core/store/layout";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
beforeAll(async () => {
  const scm = "{ plugin: local, requiredReviews: 1, ci: [{ name: test, run: 'exit 1' }] }";
  box = new Sandbox({ agentArgs: ["--idle"], runtime: "process", project: `    scm: ${scm}` });
  await box.json("trust");
  await box.json("spawn", "app", "1");
  const commit = "echo 1 > work.txt; git add work.txt; git commit -qm work";
  expect((await box.ao("exec", "app-1", "--", "sh", "-c", commit)).status).toBe(0);
  await box.json("pr", "create", "--session", "app-1");
  await waitFor(async () => (await pr()).ci === "failing", { what: "the verdict of CI", timeoutMs: 30_000 });
});
afterAll(() => box.close());

interface Seen {
  ci: string;
  review: string;
}

async function pr(): Promise<Seen> {
  const { pr: found } = await box.json<{ pr: Record<string, unknown> | null }>("show", "app-1");
  return { ci: String(found?.ci), review: String(found?.review) };
}

type Fields = Record<string, unknown>;

/** As an agent can do it, which may write to the state folder. */
function forge(path: string, change: (record: Fields) => Fields): void {
  const record = JSON.parse(readFileSync(path, "utf8")) as Fields;
  writeFileSync(`${path}.mine`, JSON.stringify(change(record)));
  renameSync(`${path}.mine`, path);
}

it("counts no review and no check that an agent wrote itself, and `ao doctor` reports them", async () => {
  const scm = scmFolder();
  const head = box.repo.git("rev-parse", "feat/1").trim();
  const review = {
    id: "pr1-r1",
    author: "Nobody",
    state: "approved",
    body: "",
    submittedAt: "2026-01-01T00:00:00.000Z",
  };
  forge(join(scm, "prs/1.json"), (record) => ({ ...record, reviews: [{ ...review, headSha: head }] }));
  forge(join(scm, `checks/${head}.json`), (record) => {
    const { test } = record.results as Record<string, Fields>;
    return { ...record, results: { test: { ...test, status: "passed", conclusion: "success" } } };
  });
  const merge = await box.ao("merge", "app-1", "--yes");
  expect(merge.status, merge.stdout).toBe(73);
  expect(merge.stderr).toMatch(/review|approv/i);
  const { stdout } = await box.ao("doctor");
  expect(stdout).toContain("scm-prs-1.json.1");
  expect(stdout).toContain(`scm-checks-${head}.json.1`);
  expect(stdout).toContain("ao did not write");
});

function scmFolder(): string {
  const origin = layoutOf(box.home);
  const key = box.worktrees()[0]?.slice(`${origin.home}/`.length).split("/")[0] ?? "";
  return origin.project(key.slice(0, 12), "app").scm;
}
