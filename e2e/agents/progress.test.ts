import { expect } from "vitest";
import { rounds } from "../support/tier.ts";
import type { AgentBox } from "./support/agent-box.ts";
import { scenario } from "./support/scenario.ts";

const IMPATIENT = "    scm: { plugin: local }\n    reactions: { agent-stuck: { threshold: 20s } }";
const stuckNotices = (box: AgentBox) => box.notices().filter(({ type }) => type === "session.stuck");

/** Longer than the threshold in any case. */
const STREAM_S = rounds(26, 50);

scenario({
  name: `an answer that streams for ${STREAM_S} s is progress under a threshold of 20 s`,
  needs: "stream",
  options: { scripts: ["%%say ready"], project: IMPATIENT },
  async play(box) {
    // On a busy machine, some need longer than the threshold until their first turn begins.
    await box.begin();
    const before = stuckNotices(box).length;
    await box.say("app-1", `a long answer: %%stream ${STREAM_S}`);
    await box.untilHeard("a long answer:");
    await box.untilResting("app-1");
    expect(stuckNotices(box)).toHaveLength(before);
  },
});

scenario({
  name: "an agent whose model never answers is stuck after the threshold, whatever its screen draws, and continues when it is told to",
  needs: "stuck",
  options: { scripts: ["%%say ready"], project: IMPATIENT },
  async play(box) {
    await box.begin();
    const before = stuckNotices(box).length;
    const asked = Date.now();
    await box.say("app-1", "no answer: %%hang");
    await box.untilHeard("no answer:");
    await box.until("app-1", ({ status }) => status === "stuck", "stuck");
    expect(Date.now() - asked).toBeGreaterThan(19_000);
    await box.until("app-1", () => stuckNotices(box).length === before + 1, "the notice");
    box.mark("app-1", "unknown", "being interrupted");
    expect(await box.ao("interrupt", "app-1")).toMatchObject({ status: 0 });
    await box.untilResting("app-1");
    expect(await box.say("app-1", "go on: %%say now it works")).toMatchObject({ state: "accepted" });
    await box.untilResting("app-1");
  },
});
