import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

it("opens a draft, and marks it as ready when its checks pass, or when you say so", async () => {
  const box = new Sandbox({
    agentArgs: ["--own-file"],
    project: "    scm: { plugin: local, draft: until-green, ci: [{ name: gate, run: 'test -f open' }] }",
    runtime: "process",
  });
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
    await box.close();
  });
  await box.start();
  await box.trust();
  expect(await box.ao("spawn", "app", "--prompt", "Do it.")).toMatchObject({ status: 0 });
  const pr = async (id: string) => (await box.get("show", { session: id })).pr;
  await waitFor(async () => (await pr("app-1"))?.ci === "failing", { timeoutMs: 30_000, what: "the red check" });
  expect((await pr("app-1"))?.state).toBe("draft");

  const ready = await box.ao("ready", "app-1");
  expect([ready.status, ready.stderr]).toEqual([0, ""]);
  expect((await pr("app-1"))?.state).toBe("open");

  await box.ao("exec", "app-1", "--", "sh", "-c", "touch open && git add open && git commit -qm open");
  expect(await box.ao("spawn", "app", "--base", "app-1", "--prompt", "And more.")).toMatchObject({ status: 0 });
  await waitFor(async () => (await pr("app-2"))?.ci === "passing", { timeoutMs: 30_000, what: "the green check" });
  await waitFor(async () => (await pr("app-2"))?.state === "open", { what: "it to be ready" });
  const events = (await box.ao("events", "app-2")).stdout;
  expect(events).toMatch(/PR 2 is open now/);
}, 90_000);
