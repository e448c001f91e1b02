import { chmodSync } from "node:fs";
import { trackerContract } from "@agent-orchestrator/testkit/contracts/tracker";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { tempRepo } from "@agent-orchestrator/testkit/temp-repo";
import plugin from "./index.ts";

trackerContract("local", {
  capabilities: { list: true, create: true, update: true, comment: true, label: true },
  async setUp() {
    const repo = tempRepo();
    chmodSync(repo.path, 0o755);
    const project = projectConfig({ path: repo.path });
    let next = 41;
    return {
      tracker: plugin.create({}, pluginContext({ project })),
      project,
      async seed({ title, description, labels, isClosed }) {
        next += 1;
        const list = labels === undefined ? "" : `labels:\n${labels.map((label) => `  - ${label}\n`).join("")}`;
        const state = isClosed === true ? "closed" : "open";
        repo.write(
          `.ao/issues/${next}-some-title.md`,
          `---\n# ours\ntitle: ${JSON.stringify(title)}\nstate: ${state} # by hand\n${list}---\n\n${description}\n`,
        );
        return String(next);
      },
    };
  },
});
