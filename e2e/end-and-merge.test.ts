import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("merges the pull request of a session that was killed, says so, and writes files with the user's own umask", async () => {
  box = new Sandbox({ agentArgs: ["--idle"], project: "    scm: { plugin: local, requiredReviews: 0 }" });
  await box.ao("trust");
  await box.ao("spawn", "app", "1");
  const umask = process.umask().toString(8).padStart(4, "0");
  const work = "umask; echo work > work.txt; git add work.txt; git commit -qm work; ao pr create";
  expect(await box.asAgent("app-1", work)).toMatchObject({ status: 0, stdout: expect.stringContaining(umask) });
  expect((await box.ao("kill", "app-1")).status).toBe(0);
  const merged = await box.aoWith({ timeoutMs: 20_000 }, "merge", "app-1", "--yes");
  expect(merged).toMatchObject({ status: 0, stdout: "PR 1 is merged into main; app-1 is killed\n" });
  const mode = (name: string) => statSync(join(box.repo.path, name)).mode & 0o777;
  expect(mode("work.txt")).toBe(0o666 & ~process.umask());
  expect(statSync(box.home).mode & 0o777).toBe(0o700);
});
