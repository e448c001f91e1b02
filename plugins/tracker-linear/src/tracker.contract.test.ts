import { trackerContract } from "@agent-orchestrator/testkit/contracts/tracker";
import { world } from "./testing/world.ts";

trackerContract("linear", {
  capabilities: { list: true, create: true, update: true, comment: true, label: true },
  async setUp() {
    const { linear, workspace, team, tracker, project, wes } = await world();
    workspace.addUser("sam");
    return {
      tracker,
      project,
      async seed({ title, description, labels = [], isClosed }) {
        const state = isClosed === true ? "Done" : "Todo";
        const given = { title, description, state, by: wes, labels: labels.map((name) => workspace.label(name)) };
        return workspace.addIssue(team, given).identifier;
      },
      stall: () => linear.fault({ kind: "no-answer" }),
    };
  },
});
