import { hostileGit } from "@agent-orchestrator/testkit/hostile-git";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, it } from "vitest";
import { world } from "./fixtures/world.ts";

type Method = "merge" | "squash" | "rebase";

/** Everything that is read from git for a pull request, without hashes. */
async function journey(method: Method, env: Record<string, string>) {
  const w = world({
    env,
    options: { ci: [{ name: "test", run: "test -f ü.txt" }], mergeMethod: method, requiredReviews: 0 },
  });
  const lines = (third: string) => `one\ntwo\n${third}\n`;
  w.commit("feat/1", { "ü.txt": "ü\n", "a.txt": lines("THREE") }, "Größe ändern");
  w.commit("feat/2", { "a.txt": lines("drei") });
  const first = await w.open("feat/1", "Größe ändern");
  const second = await w.open("feat/2");
  await w.watch();
  await waitFor(async () => (await w.scm.getCISummary(first)) === "passing", { timeoutMs: 30_000 });
  const diff = (await w.scm.getDiff(first)).replaceAll(/^index .*$/gm, "index");
  await w.scm.mergePR(first, method);
  await waitFor(async () => (await w.scm.getPRState(first)) === "merged");
  const conflicts = await waitFor(async () => {
    const { blockers } = await w.scm.getMergeability(second);
    return blockers.some((text) => /conflict/.test(text)) ? blockers.filter((text) => /conflict/.test(text)) : null;
  });
  return {
    diff,
    conflicts,
    log: w.repo.git("log", "--format=%B %an %e", "--first-parent", "main"),
    files: w.repo.git("ls-tree", "-r", "--name-only", "-z", "main"),
    status: w.repo.git("status", "--porcelain"),
  };
}

it.each<Method>(["merge", "squash", "rebase"])(
  "the user's git settings do not affect a pull request, its CI, its conflicts or %s",
  async (method) => {
    const [plain, hostile] = await Promise.all([journey(method, {}), journey(method, hostileGit())]);
    expect(hostile).toEqual(plain);
    expect(plain.diff).toContain("diff --git a/ü.txt b/ü.txt");
    expect(plain.log).toContain("Größe ändern");
    expect(plain.conflicts.join()).toContain("a.txt");
  },
  90_000,
);
