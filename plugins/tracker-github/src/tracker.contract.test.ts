import { trackerContract } from "@agent-orchestrator/testkit/contracts/tracker";
import { GitHub } from "@agent-orchestrator/testkit/github/github";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { onTestFinished } from "vitest";
import plugin from "./index.ts";

trackerContract("github", {
  capabilities: { list: true, create: true, update: true, comment: true, label: true },
  async setUp() {
    const github = await GitHub.start();
    onTestFinished(() => github.stop());
    const shop = await github.addRepo("acme/shop", { collaborators: { wes: "write", sam: "write" } });
    const token = github.token("wes").value;
    const project = projectConfig({ repo: "acme/shop", tracker: { plugin: "github", options: {} } });
    return {
      tracker: plugin.create({ token, baseUrl: github.baseUrl }, pluginContext({ project })),
      project,
      async seed({ title, description, labels, isClosed }) {
        const issue = shop.openIssue({ by: "wes", title, body: description });
        if (labels !== undefined) shop.label(issue.number, labels, "wes");
        if (isClosed === true) shop.closeIssue(issue.number, { by: "wes" });
        return String(issue.number);
      },
      stall: () => void github.fault({ kind: "no-answer" }),
    };
  },
});
