import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { AgentBox } from "./support/agent-box.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

async function interrupt(box: AgentBox, session: string): Promise<void> {
  box.mark(session, "unknown", "being interrupted");
  expect(await box.ao("interrupt", session)).toMatchObject({ status: 0 });
  box.mark(session, "idle", "interrupted");
  await box.untilResting(session);
}

scenario({
  name: "an interrupt ends the turn, and the next message starts another",
  needs: "interrupt",
  options: { scripts: ["%%slow 60 ;; %%say never said"] },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    await box.untilShown("app-1", "active");
    await interrupt(box, "app-1");
    await box.say("app-1", "are you there? %%say here I am");
    await box.untilHeard("are you there?");
    await box.untilResting("app-1");
    expect(box.model.truth.timesHeard("are you there?")).toBe(1);
  },
});

scenario({
  name: "an agent whose tool call is interrupted is idle",
  needs: "interrupt",
  options: { scripts: ["%%sh sh tick.sh 60 ;; %%say never said"] },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    await box.untilShown("app-1", "active");
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // a while of the tool call, for the samples
    await interrupt(box, "app-1");
  },
});

scenario({
  name: "a message to a busy agent is accepted once, and the agent is busy until both are done",
  needs: "queue",
  options: { scripts: ["%%slow 5 ;; %%sh sh tick.sh 2 ;; %%say the first is done"] },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    const sent = await box.say("app-1", "and then: %%slow 3 ;; %%say the second is done");
    expect(["accepted", "unconfirmed", "written"]).toContain(sent.state);
    await box.untilHeard("and then:");
    await box.untilResting("app-1");
    expect(box.model.truth.timesHeard("and then:")).toBe(1);
  },
});

for (const status of [429, 500]) {
  scenario({
    name: `an agent that retries after ${status} is working`,
    needs: "errors",
    options: { scripts: [`%%error ${status} 2 1 ;; %%say recovered`] },
    async play(box) {
      await box.begin();
    },
  });
}

scenario({
  name: "an error of the model ends the turn, and a message starts another",
  needs: "errors",
  options: { scripts: ["%%error 400 50 ;; %%say never said"] },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    await box.until("app-1", ({ status }) => status === "needs_input", "the turn's end");
    await box.say("app-1", "try again: %%say now it works");
    await box.untilHeard("try again:");
    await box.untilResting("app-1");
  },
});

scenario({
  name: "a usage limit of the vendor is a separate state, with its end or the next try within minutes",
  needs: "limit",
  options: { scripts: ["%%limit 3600 ;; %%say never said"] },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    await box.untilShown("app-1", "limited");
    const { activity, because, status } = await box.view("app-1");
    expect(status).toBe("working");
    if (activity?.resetsAt) expect(Date.parse(activity.resetsAt) - Date.now()).toBeGreaterThan(3_000_000);
    else expect(because).toMatch(/tried again at \d\d:\d\d/);
  },
});

scenario({
  name: "an interrupt right after the spawn ends the first turn",
  needs: "interrupt",
  kinds: kinds.filter(({ plugin }) => plugin === "claude-code" || plugin === "codex"),
  options: { scripts: ["%%slow 30 ;; %%write never.txt|never ;; %%say never said"] },
  async play(box) {
    await box.spawn(1);
    expect(await box.ao("interrupt", "app-1")).toMatchObject({ status: 0 });
    box.mark("app-1", "unknown", "being interrupted");
    await box.untilResting("app-1");
    expect(await box.say("app-1", "are you there? %%say here I am")).toMatchObject({ state: "accepted" });
    await box.untilResting("app-1");
    expect(existsSync(join((await box.view("app-1")).workspacePath ?? "", "never.txt"))).toBe(false);
  },
});
