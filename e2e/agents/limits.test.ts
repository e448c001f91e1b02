import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

scenario({
  name: "when the vendor's limit is over, the agent continues automatically if the config says so",
  needs: "limit",
  isLong: true,
  // With an API key, Claude Code does not report until when. OpenCode retries automatically.
  kinds: kinds.filter(({ plugin }) => plugin === "codex"),
  options: {
    scripts: ["%%limit 20 ;; %%write after.txt|after ;; %%say on again"],
    agentConfig: { resumeAfterLimit: true },
  },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    await box.untilShown("app-1", "limited");
    await box.untilHeard("The usage limit is over; go on.");
    await box.untilResting("app-1");
    expect(box.model.truth.timesHeard("The usage limit is over")).toBe(1);
    expect(box.notices().map(({ type }) => type)).toContain("agent.limited");
  },
});

scenario({
  name: "at its token limit it is interrupted and asks, and continues when the user says so",
  needs: "interrupt",
  // ACP agents and Aider report tokens only at the end of a turn.
  kinds: kinds.filter(({ plugin }) => plugin !== "acp" && plugin !== "aider"),
  options: {
    scripts: ["%%usage in=90000 ;; %%sh sh tick.sh 3 ;; %%slow 60 ;; %%say never said"],
    top: "limits: { maxTokens: 80000 }",
  },
  timeoutMs: 200_000,
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    const reached = () => box.notices().find(({ type }) => type === "limit.reached");
    await waitFor(reached, { timeoutMs: 50_000, what: "the notice of the limit" });
    box.mark("app-1", "unknown", "being interrupted");
    await box.untilResting("app-1");
    box.mark("app-1", "idle", "interrupted");
    const { id } = await box.get("send", { session: "app-1", text: "not yet %%say heard", isWaiting: false });
    const held = async () => (await box.view("app-1")).messages.find((each) => each.id === id)?.heldFor;
    await waitFor(async () => (await held()) === "paused", { what: "the message held" });
    expect(await box.ao("resume", "app-1")).toMatchObject({ status: 0 });
    await box.untilHeard("not yet");
    await box.untilResting("app-1");
    expect(box.model.truth.timesHeard("not yet")).toBe(1);
  },
});
