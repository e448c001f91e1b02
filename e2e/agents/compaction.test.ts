import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { type AgentBox, PATIENCE_MS } from "./support/agent-box.ts";
import type { AgentKind } from "./support/agent-kind.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

const untilSummarized = (box: AgentBox) =>
  waitFor(() => box.model.summaries > 0, { timeoutMs: PATIENCE_MS, what: "a summary" });

/** It takes messages as before. */
async function worksOn(box: AgentBox): Promise<void> {
  await box.untilResting("app-1");
  expect(await box.say("app-1", "after that: %%say still here")).toMatchObject({ state: "accepted" });
  await box.untilHeard("after that:");
  await box.untilResting("app-1");
  expect(box.model.truth.timesHeard("after that:")).toBe(1);
}

scenario({
  name: "a compaction that the user asks for is work, and the agent is idle after it",
  needs: "compaction",
  options: { scripts: ["%%compact 5 ;; %%sh sh tick.sh 1 ;; %%say one"] },
  async play(box) {
    await box.begin();
    await box.say("app-1", "a second turn: %%say two");
    await box.untilResting("app-1");
    box.mark("app-1", "unknown", "the user types");
    box.type("app-1", ["-l", "/compact"]);
    await waitFor(() => box.screen("app-1").includes("/compact"), { what: "the command in the box" });
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // Its menu opens after the text.
    box.type("app-1", ["Enter"]);
    await untilSummarized(box);
    await box.untilShown("app-1", "active");
    await worksOn(box);
  },
});

/** Claude Code does not go by the usage that the scripted model reports: it compacts when asked, and else only seldom. */
const byUsage: AgentKind[] = kinds.filter(({ plugin }) => plugin !== "claude-code");

scenario({
  name: "an agent that compacts its conversation in the middle of a turn is working",
  needs: "compaction",
  kinds: byUsage,
  options: { scripts: ["%%compact 5 ;; %%sh sh tick.sh 1 ;; %%say one"] },
  async play(box) {
    await box.begin();
    for (const count of ["second", "third"]) {
      await box.say("app-1", `a ${count} turn: %%say ${count}`);
      await box.untilResting("app-1");
    }
    await box.say(
      "app-1",
      "a long one: %%usage in=250000 ;; %%sh sh tick.sh 2 ;; %%sh sh tick.sh 1 ;; %%say never said",
    );
    await untilSummarized(box);
    await worksOn(box);
  },
});
