import { pluginSession } from "@agent-orchestrator/testkit/session";
import { expect, it } from "vitest";
import { gitHubWorld } from "./testing/world.ts";

it("reports a branch that its base's rules want to be up to date, and only where they do", async () => {
  const { shop, scm, project, commit, git } = await gitHubWorld();
  await commit("feat/1", { "cart.ts": "export const total = 2;\n" });
  await git("push", "-q", "origin", "feat/1");
  const { number } = await shop.openPull({ by: "wes", title: "Fix it", head: "feat/1" });
  await shop.pushCommit("main", { by: "ann", files: { "other.ts": "export {};\n" } });
  await shop.knowMergeability(number);
  const pr = await scm.detectPR(pluginSession({ branch: "feat/1" }), project, { isWoken: true });
  const look = async () => {
    await shop.knowMergeability(number);
    const readiness = pr && (await scm.getMergeability(pr));
    const [snapshot] = (pr && (await scm.getSnapshots?.([pr]))) ?? [];
    return {
      isBehind: snapshot?.isBehind ?? false,
      hasConflicts: snapshot?.hasConflicts,
      blockers: readiness?.blockers,
    };
  };
  expect(await look()).toEqual({ isBehind: false, hasConflicts: false, blockers: [] });
  shop.addRuleset("strict", { demands: { isStrict: true } });
  const blockers = ["it must be brought up to date with main"];
  expect(await look()).toEqual({ isBehind: true, hasConflicts: false, blockers });
});
