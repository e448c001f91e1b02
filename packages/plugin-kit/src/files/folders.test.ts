import { existsSync, statSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { makeFolder } from "./folders.ts";

it("creates a folder with its missing parents, private", async () => {
  const path = join(tempDir(), "a/b/c");
  await makeFolder(path);
  await makeFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it.skipIf(!existsSync("/proc/self"))("throws where the system can create no folder", async () => {
  await expect(makeFolder("/proc/ao/worktrees")).rejects.toMatchObject({ code: "ENOENT" });
});

it("creates a folder that is removed at the same moment", async () => {
  const path = join(tempDir(), "trash");
  let isOver = false;
  const removing = (async () => {
    while (!isOver) await rmdir(path).catch(() => undefined);
  })();
  try {
    for (let round = 0; round < 2_000; round += 1) await makeFolder(path);
  } finally {
    isOver = true;
    await removing;
  }
});
