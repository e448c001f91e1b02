import { renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it.each([
  ["while a daemon runs", false],
  ["after a restart of the daemon", true],
])("commands that need a project whose folder was moved name the way back, %s", async (_, isRestarted) => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  await box.asAgent("app-1", "echo work > work.txt; git add work.txt; git commit -qm work; ao pr create");
  if (isRestarted) await box.ao("stop");
  const moved = join(box.dir, "elsewhere");
  renameSync(box.repo.path, moved);
  for (const line of ["diff app-1", "review app-1 --approve", "merge app-1 --yes"]) {
    const { status, stderr } = await box.aoWith({ cwd: moved }, ...line.split(" "));
    expect([line, status, stderr]).toEqual([
      line,
      78,
      `ao: ${box.repo.path}/agent-orchestrator.yaml is missing\n  hint: Moved: run \`ao doctor --fix\` in the new folder. Deleted: \`ao forget ${box.repo.path}\`.\n`,
    ]);
  }
});
