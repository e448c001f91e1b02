import { expect } from "vitest";
import type { AgentBox } from "./support/agent-box.ts";
import { scenario } from "./support/scenario.ts";

const IMPATIENT = "    scm: { plugin: local }\n    reactions: { agent-stuck: { threshold: 20s } }";
const stuckNotices = (box: AgentBox) => box.notices().filter(({ type }) => type === "session.stuck");

scenario({
  name: "an answer that streams for 50 s is progress under a threshold of 20 s",
  needs: "stuck",
  options: { scripts: ["%%stream 50"], project: IMPATIENT },
  async play(box) {
    await box.begin();
    expect(stuckNotices(box)).toEqual([]);
    expect((await box.get("events", { session: "app-1" })).map(({ type }) => type)).not.toContain("session.stuck");
  },
});

scenario({
  name: "an agent whose model never answers is stuck after the threshold, whatever its screen draws, and continues when it is told to",
  needs: "stuck",
  options: { scripts: ["%%hang"], project: IMPATIENT },
  async play(box) {
    await box.spawn(1);
    await box.untilHeard("mark of app-1");
    const asked = Date.now();
    await box.until("app-1", ({ status }) => status === "stuck", "stuck");
    expect(Date.now() - asked).toBeGreaterThan(15_000);
    await box.until("app-1", () => stuckNotices(box).length === 1, "the notice");
    box.mark("app-1", "unknown", "being interrupted");
    expect(await box.ao("interrupt", "app-1")).toMatchObject({ status: 0 });
    await box.untilResting("app-1");
    expect(await box.say("app-1", "go on: %%say now it works")).toMatchObject({ state: "accepted" });
    await box.untilResting("app-1");
  },
});
