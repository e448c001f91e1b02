import { renameSync } from "node:fs";
import { join } from "node:path";
import { gitEnv, type TempRepo } from "@agent-orchestrator/testkit/temp-repo";
import { expect, it } from "vitest";
import { world, worldAt } from "./fixtures/world.ts";

/** The same files, and a new instance for the folder's new path, as after `ao doctor --fix`. */
it("reads and merges a pull request of a repository whose folder was moved while it was in use, and moved back", async () => {
  const here = world();
  here.commit("feat/1", { "a.txt": "one\nTWO\nthree\n" });
  const pr = await here.open("feat/1");
  const [before] = await here.scm.getSnapshots([pr]);
  const root = join(here.stateDir, "..");
  const moved: TempRepo = { ...here.repo, path: join(root, "elsewhere"), env: gitEnv(root) };

  renameSync(here.repo.path, moved.path);
  const there = worldAt({ root, repo: moved, setUp: { stateDir: here.stateDir } });
  const [found] = await there.scm.getSnapshots([pr]);
  expect(found).toMatchObject({ headSha: before?.headSha, hasConflicts: false });

  renameSync(moved.path, here.repo.path);
  here.commit("feat/1", { "b.txt": "b\n" });
  const [after] = await here.scm.getSnapshots([pr]);
  expect(after).toMatchObject({ hasConflicts: false });
  expect(after?.headSha).not.toBe(before?.headSha);
});
