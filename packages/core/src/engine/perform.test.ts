import { memoryWorld } from "@agent-orchestrator/testkit/memory/world";
import { aRecord } from "@agent-orchestrator/testkit/records";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, test } from "vitest";
import type { SCM } from "../slots/scm.ts";
import { emptyState } from "../store/fold.ts";
import { createPerform } from "./perform.ts";

test("a pull request that conflicts from the start comes with the files", async () => {
  const world = memoryWorld({ home: tempDir("ao-perform") });
  const found = { files: ["a.txt"], fileCount: 1, commits: [], commitCount: 1 };
  (world.scm as SCM).getConflicts = async () => found;
  const ask = world.scm.getSnapshots;
  world.scm.getSnapshots = async (infos) =>
    (await ask(infos)).map((one) => one && { ...one, hasConflicts: true, baseSha: "1".repeat(40) });
  world.repository.commit("feat/1", { "a.txt": "theirs" });
  const record = aRecord({ id: "app-1", branch: "feat/1", runtime: "memory", agent: "memory" });
  const perform = createPerform(world, () => ({ ...emptyState(), sessions: { "app-1": record } }));
  const action = { kind: "open-pr", key: "open-pr:app-1:x", title: "One", body: null } as const;
  const { signal } = new AbortController();
  expect(await perform({ sessionId: "app-1", action, signal, tell: () => undefined })).toMatchObject([
    { kind: "pr" },
    { kind: "conflicts", found },
  ]);
});
