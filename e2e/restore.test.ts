import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

const TIMEOUT = { timeoutMs: 15_000 };

it("`ao restore` answers at once for a session between two turns, and names the way to its next turn", async () => {
  box = new Sandbox({ agentConfig: `{ command: sh, args: ["-c", "echo done"], lifetime: per-turn }` });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await waitFor(async () => (await box.get("show", { session: "app-1" })).activity?.state === "ready", {
    what: "the end",
  });
  const { status, stderr } = await box.aoWith(TIMEOUT, "restore", "app-1");
  expect([status, stderr]).toEqual([
    73,
    'ao: app-1 is between two turns, so there is nothing to restore\n  hint: Run `ao send app-1 "…"` to start its next turn.\n',
  ]);
});

it("`ao restore` answers while everything is paused, and the agent starts after `ao resume`", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.ao("kill", "app-1");
  await box.ao("pause");
  const restored = await box.aoWith(TIMEOUT, "restore", "app-1");
  expect([restored.status, restored.stderr]).toEqual([0, ""]);
  expect(restored.stdout).toContain("app-1 is queued: everything is paused: `ao resume`");
  await box.ao("resume");
  await box.get("wait", { session: "app-1", until: ["working"], timeoutMs: 10_000 });
});

it("whatever needs the checkout of a removed session names `ao restore`", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.ao("kill", "--rm", "--yes", "app-1");
  for (const line of ["path app-1", "diff app-1", "exec app-1 -- true"]) {
    const { status, stderr } = await box.ao(...line.split(" "));
    expect([line, status]).toEqual([line, 66]);
    expect(stderr).toMatch(/^ao: app-1 has no folder now \(killed\)\n {2}hint: Run `ao restore app-1` /);
  }
});
