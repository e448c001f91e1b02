import type { PRInfo } from "@agent-orchestrator/core/model/pull-request";
import { scmContract } from "@agent-orchestrator/testkit/contracts/scm";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { gitHubWorld } from "./testing/world.ts";

scmContract("github", {
  capabilities: {
    snapshots: true,
    create: true,
    // The author must not approve it, and the plugin speaks for the author here.
    review: false,
    resolve: true,
    diff: true,
    pinnedMerge: true,
    watch: false,
    checks: true,
  },
  async setUp({ checks } = { checks: [] }) {
    const { github, shop, scm, project, git, commit } = await gitHubWorld();
    const requiredChecks = checks.map((name) => ({ context: name, appId: null }));
    await shop.protect("main", { requiredApprovals: 1, requiredChecks });
    return {
      scm,
      project,
      async commit(branch, files) {
        // Only its owner may push to the protected branch.
        if (branch === "main") return shop.pushCommit("main", { by: "ann", files });
        const sha = await commit(branch, files);
        await git("push", "-q", "origin", branch);
        return sha;
      },
      async open(branch, title): Promise<PRInfo> {
        const { number } = await shop.openPull({ by: "wes", title, head: branch });
        await shop.knowMergeability(number);
        const detect = () => scm.detectPR(pluginSession({ branch }), project, { isWoken: true });
        await waitFor(async () => (await detect()) !== null, { what: "the pull request" });
        return (await detect()) as PRInfo;
      },
      async report(branch, check) {
        const conclusion = check.isPassing ? "success" : "failure";
        shop.finishCheck(await git("rev-parse", branch), {
          name: check.name,
          branch,
          by: "wes",
          conclusion,
          output: { "Run npm test": check.log },
        });
      },
      stall() {
        github.fault({ kind: "no-answer" });
      },
    };
  },
});
