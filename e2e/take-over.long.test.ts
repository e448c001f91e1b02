import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { AT_WORK, abandonedPr, atRest, RESTING, show } from "./support/change-case.ts";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const head = () => box.repo.git("rev-parse", "do-it").trim();
const said = (session: string) =>
  box.agentEvents().flatMap((one) => (one.session === session && one.event === "message" ? [one.text ?? ""] : []));

it("a new session continues a pull request: its agent knows what was said, and is sent only what comes later", async () => {
  const project = "    scm: { plugin: local, ci: [{ name: test, run: 'test -f fixed.txt' }] }";
  box = new Sandbox({ ...AT_WORK, ...RESTING, project });
  await box.ao("trust");
  await box.ao("spawn", "--prompt", "Do it.");
  await box.get("wait", { session: "app-1", until: ["ci_failed"], timeoutMs: 30_000 });
  await box.get("kill", { sessions: ["app-1"], remove: true, isConfirmed: true });
  await box.ao("review", "app-1", "--request-changes", "-m", "Please rename it.");

  const spawned = await box.ao("spawn", "--pr", "1", "--agent", "resting");
  expect([spawned.status, spawned.stderr]).toEqual([0, ""]);
  expect(spawned.stdout).toContain("branch do-it");
  const prompt = (await box.ao("show", "app-2", "--prompt")).stdout;
  expect(prompt).toContain("You take over pull request #1 (ao://app/pr/1).");
  expect(prompt).toContain("> Do it.");
  expect(prompt).toContain("> Please rename it.");
  expect(prompt).toContain("These checks fail on it: test.");
  expect(prompt).toContain("Your task: continue this pull request.");
  await box.get("wait", { session: "app-2", until: ["changes_requested", "ci_failed"], timeoutMs: 20_000 });
  expect((await show(box, "app-2")).pr?.number).toBe(1);
  const worktree = (await show(box, "app-2")).workspacePath ?? "";
  expect(readFileSync(join(worktree, "work-app-1.txt"), "utf8")).toContain("prompt");

  // What is new is sent, and nothing else.
  await atRest(box, "app-2");
  await box.ao("review", "app-2", "--request-changes", "-m", "And shorten it.");
  await waitFor(() => said("app-2").length > 0, { timeoutMs: 20_000, what: "the new remark" });
  expect(said("app-2")).toHaveLength(1);
  expect(said("app-2")[0]).toContain("> And shorten it.");
  expect(said("app-2")[0]).not.toMatch(/rename|failing/);

  const second = await box.ao("spawn", "--pr", "1");
  expect([second.status, second.stderr]).toEqual([
    73,
    expect.stringContaining("ao: PR 1 is the pull request of app-2 ("),
  ]);
  const unknown = await box.ao("spawn", "--pr", "99");
  expect([unknown.status, unknown.stderr]).toEqual([66, expect.stringContaining("app has no pull request 99")]);
  expect((await box.ao("spawn", "1", "--pr", "1")).status).toBe(64);
});

it.each(["worktree", "clone"])(
  "`ao claim` brings a session in a %s onto the branch of a pull request",
  async (workspace) => {
    box = new Sandbox({ ...AT_WORK, ...RESTING });
    await box.ao("trust");
    const { number } = await abandonedPr(box);
    await box.ao("spawn", "--prompt", "Wait.", "--agent", "resting", "--workspace", workspace);
    await atRest(box, "app-2");
    const before = head();
    const claimed = await box.ao("claim", "app-2", `${number}`);
    expect([claimed.status, claimed.stderr]).toEqual([0, ""]);
    expect(claimed.stdout).toBe("app-2 has taken over PR 1\n  branch do-it\n");
    await waitFor(() => said("app-2").length > 0, { timeoutMs: 20_000, what: "the message" });
    expect(said("app-2")[0]).toContain("You take over pull request #1");
    // Its turn commits, and that is on the pull request.
    await waitFor(() => head() !== before, { timeoutMs: 20_000, what: "its commit" });
    const after = await waitFor(
      async () => {
        const view = await show(box, "app-2");
        return view.pr?.headSha === head() ? view : null;
      },
      { timeoutMs: 20_000, what: "the new head" },
    );
    expect(after).toMatchObject({ branch: "do-it", pr: { number, state: "open" } });
    const other = await box.ao("claim", "app-2", "1");
    expect(other.status).toBe(0);
    expect((await box.ao("claim", "app-1", "1")).stderr).toContain("app-1 is killed");
  },
);
