import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

interface View {
  status: string;
  branch: string;
  baseBranch: string | null;
  because: string;
  notes: string[];
  attention: { reason: string; hint: string } | null;
  pr: { number: number; state: string; baseBranch: string; hasConflicts: boolean | null } | null;
  formerPrs: { number: number; state: string }[];
}

const FREE = "    scm: { plugin: local, requiredReviews: 0 }";
let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const show = (id: string): Promise<View> => box.json<View>("show", id);
const commit = (file: string, text = file) =>
  `mkdir -p $(dirname ${file}); echo '${text}' > ${file}; git add -A; git commit -qm 'Write ${file}'`;
const asAgent = async (id: string, line: string): Promise<string> => {
  const answer = await box.asAgent(id, line);
  expect(answer).toMatchObject({ status: 0 });
  return answer.stdout ?? "";
};

it("a stacked pull request reaches main after its parent was squashed, even if the daemon restarts", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], project: FREE });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await asAgent("app-1", `${commit("notes.txt", "one")}; ao pr create`);
  await box.ao("spawn", "app", "2", "--base", "app-1");
  await asAgent("app-2", `${commit("notes.txt", "two")}; ao pr create`);
  await expect.poll(async () => (await show("app-2")).pr).toMatchObject({ baseBranch: "feat/1", hasConflicts: false });

  const merged = await box.aoWith({ timeoutMs: 30_000 }, "merge", "app-1", "--method", "squash", "--yes");
  expect(merged.stdout).toBe("PR 1 is merged into main; app-1 is merged\n");
  await box.kill9();
  await expect
    .poll(async () => show("app-2"), { timeout: 20_000 })
    .toMatchObject({ baseBranch: "main", pr: { baseBranch: "main", hasConflicts: false } });
  expect((await show("app-2")).notes).toContain("PR 2 is now based on main: PR 1 (feat/1) was merged.");
  expect((await box.ao("show", "app-2")).stdout).toMatch(/base +main/);

  const child = await box.aoWith({ timeoutMs: 30_000 }, "merge", "app-2", "--yes");
  expect(child.stdout).toBe("PR 2 is merged into main; app-2 is merged\n");
  expect(box.repo.git("show", "main:notes.txt")).toBe("two\n");
});

it("commits after a merge and a restore get a separate pull request, and the old one stays in the history", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], project: FREE });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await asAgent("app-1", `${commit("a.txt")}; ao pr create`);
  await box.aoWith({ timeoutMs: 30_000 }, "merge", "app-1", "--yes");
  const restored = await box.ao("restore", "app-1");
  expect([restored.status, restored.stderr]).toEqual([0, ""]);
  const again = await box.asAgent("app-1", "ao pr create");
  expect(again).toMatchObject({
    status: 73,
    stderr: expect.stringContaining("PR 1 was merged, and nothing has been committed"),
  });
  expect(await asAgent("app-1", `${commit("b.txt")}; ao pr create`)).toContain("PR 2");
  await expect
    .poll(async () => show("app-1"))
    .toMatchObject({ pr: { number: 2, state: "open" }, formerPrs: [{ number: 1, state: "merged" }] });
  expect((await box.ao("show", "app-1")).stdout).toMatch(/earlier prs +PR 1 merged into main/);
  await box.aoWith({ timeoutMs: 30_000 }, "merge", "app-1", "--yes");
  expect(box.repo.git("show", "main:b.txt")).toBe("b.txt\n");
});

it("a branch that the agent renames or creates belongs to the session from then on, with its pull request", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], project: FREE });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await asAgent("app-1", `${commit("a.txt")}; ao pr create; git branch -m fix/login; ${commit("b.txt")}; ao pr create`);
  await expect
    .poll(async () => show("app-1"))
    .toMatchObject({
      branch: "fix/login",
      pr: { number: 1, state: "open" },
      attention: { reason: expect.stringContaining("ready to merge") },
    });
  await asAgent("app-1", `git switch -qc fix/logout; ${commit("c.txt")}; ao pr create`);
  await expect.poll(async () => (await show("app-1")).branch).toBe("fix/logout");
  await box.aoWith({ timeoutMs: 30_000 }, "merge", "app-1", "--yes");
  expect(box.repo.git("show", "main:c.txt")).toBe("c.txt\n");
});

it("a foreign branch is not adopted, and agent and user are told how to get back", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], project: FREE });
  box.repo.git("branch", "develop");
  const log = join(box.repo.path, ".git/logs/refs/heads/develop");
  writeFileSync(log, readFileSync(log, "utf8").replace(/> \d+ /, "> 1000000000 "));
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  const answer = await box.asAgent("app-1", `git switch -q develop; ${commit("a.txt")}; ao pr create`);
  expect(answer.status).toBe(73);
  expect(answer.stderr).toContain("develop is older than this session");
  expect(answer.stderr).toContain("git switch feat/1 && git merge develop");
  expect((await show("app-1")).branch).toBe("feat/1");
});
