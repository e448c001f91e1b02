import { readdirSync } from "node:fs";
import { join } from "node:path";
import { repoAt } from "@agent-orchestrator/testkit/temp-repo";
import { expect, it, onTestFinished } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

it("refuses an agent's push of another branch, and nobody else's, and leaves nothing behind", async () => {
  const box = new Sandbox({ runtime: "process", agentArgs: ["--idle"], project: "    scm: { plugin: local }" });
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
    await box.close();
  });
  const upstream = repoAt(join(box.dir, "upstream"));
  upstream.git("checkout", "-q", "--detach");
  box.repo.git("remote", "add", "origin", upstream.path);
  box.repo.git("push", "-qf", "origin", "main");
  const config = box.repo.git("config", "--list", "--local");
  await box.start();
  await box.trust();
  expect(await box.ao("spawn", "app", "1")).toMatchObject({ status: 0 });

  const refused = await box.asAgent("app-1", "git commit -q --allow-empty -m more && git push -q origin HEAD:main");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/^ao: nothing was pushed\. This session may push its branch feat\/1, but not main\./m);
  expect(await box.asAgent("app-1", "git push -q origin HEAD")).toMatchObject({ status: 0 });
  const branches = upstream.git("branch", "--format=%(refname:short)").split("\n");
  expect(branches).toContain("feat/1");
  expect(upstream.git("rev-parse", "main")).toBe(box.repo.git("rev-parse", "main"));
  expect((await box.ao("exec", "app-1", "--", "git", "push", "-q", "origin", "HEAD:refs/heads/mine")).status).toBe(0);

  expect(await box.ao("kill", "app-1", "--rm", "--yes")).toMatchObject({ status: 0 });
  expect(box.repo.git("config", "--list", "--local")).toBe(config);
  const left = readdirSync(box.home, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".hooks"));
  expect(left).toEqual([]);
}, 60_000);
