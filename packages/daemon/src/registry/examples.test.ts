import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Runtime } from "@agent-orchestrator/core/slots/runtime";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it, onTestFinished } from "vitest";
import { projectOf } from "../config/resolve.ts";
import { createInstance } from "./plugin-module.ts";
import { registrySandbox, TEST_CONTEXT } from "./testing/registry-sandbox.ts";

const examples = join(import.meta.dirname, "../../../../examples");
const configOf = (example: string): string => readFileSync(join(examples, example, "agent-orchestrator.yaml"), "utf8");

it("the example runtime is loaded from its file by its config, with nothing of `ao` installed, and runs an agent", async () => {
  const sandbox = registrySandbox(configOf("runtime-fifo"));
  cpSync(join(examples, "runtime-fifo/src"), join(sandbox.repo, "src"), { recursive: true });
  sandbox.trust();
  const config = sandbox.load();
  expect(config.warnings).toEqual([]);
  const project = projectOf(config, "demo");
  expect(project.runtime.plugin).toBe("fifo");
  const plugin = await sandbox.plugin("runtime", "fifo");
  const runtime = await createInstance<Runtime>(plugin, {
    options: { dir: join(sandbox.dir, "state") },
    context: TEST_CONTEXT,
  });
  const prompt = sandbox.write("prompt.md", "Say hello.\n");
  const handle = await runtime.create({
    sessionId: "demo-1",
    workspacePath: sandbox.repo,
    launchCommand: "",
    argv: [String(project.agentConfig.command), ...(project.agentConfig.args as string[])],
    environment: { PATH: process.env.PATH ?? "", AO_PROMPT_FILE: prompt },
  });
  onTestFinished(() => runtime.destroy(handle));
  await runtime.sendMessage(handle, "more");
  await waitFor(async () => (await runtime.getOutput(handle)) === "Say hello.\ngot: more");
});

it("every example config is read without a problem or a warning", () => {
  for (const example of ["agent-minimal", "runtime-fifo", "local-loop", "notifier-file"]) {
    const sandbox = registrySandbox(configOf(example));
    sandbox.trust();
    const config = sandbox.load();
    expect([config.warnings, [...config.brokenProjects.keys()], config.projects.length]).toEqual([[], [], 1]);
  }
});
