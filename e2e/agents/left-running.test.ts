import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect } from "vitest";
import { type AgentBox, PATIENCE_MS } from "./support/agent-box.ts";
import { kinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";

const SCRIPT = "%%sh sh tick.sh 613 ;; %%say never said";

/** The processes of its tool call, by the kernel. */
function running(box: AgentBox): number[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      const isIt = readFileSync(`/proc/${name}/cmdline`, "utf8") === "sh\0tick.sh\x00613\0";
      return isIt && readlinkSync(`/proc/${name}/cwd`).startsWith(box.dir) ? [Number(name)] : [];
    } catch {
      return []; // It ended, or is none.
    }
  });
}

async function begin(box: AgentBox): Promise<void> {
  await box.spawn(1);
  await box.untilHeard("mark of app-1");
  await waitFor(() => running(box).length > 0, { timeoutMs: PATIENCE_MS, what: "its tool" });
  await new Promise((resolve) => setTimeout(resolve, 7_000)); // Agents tell of a tool call once it takes long.
  box.mark("app-1", "unknown", "being interrupted");
}

/** What is shown is what the kernel has, and it can be ended. */
async function settle(box: AgentBox): Promise<void> {
  const pids = () => box.view("app-1").then(({ leftRunning }) => leftRunning.map(({ pid }) => pid));
  await waitFor(async () => (await pids()).join() === running(box).join(), { timeoutMs: 20_000, what: "the truth" });
  if (running(box).length > 0) {
    const { leftRunning, because } = await box.view("app-1");
    expect(leftRunning.map(({ command }) => command)).toEqual(["sh tick.sh 613"]);
    expect(because).toContain("its tool still runs: sh tick.sh 613 (pid ");
    expect((await box.ao("explain", "app-1")).stdout).toContain("its tool still runs: sh tick.sh 613");
    expect((await box.ao("status")).stdout).toContain("its tool still runs: sh tick.sh 613");
  }
  expect(await box.ao("interrupt", "--kill", "app-1")).toMatchObject({ status: 0 });
  expect([running(box), await pids()]).toEqual([[], []]);
  expect(await box.say("app-1", "go on: %%say now it works")).toMatchObject({ state: "accepted" });
  await box.untilResting("app-1");
}

scenario({
  name: "an interrupt says what the tool leaves running, and --kill ends it",
  needs: "interrupt",
  options: { scripts: [SCRIPT] },
  async play(box) {
    await begin(box);
    const said = await box.ao("interrupt", "app-1");
    expect(said).toMatchObject({ status: 0 });
    expect(said.stdout.includes("sh tick.sh 613 (pid ")).toBe(running(box).length > 0);
    await box.untilResting("app-1");
    await settle(box);
  },
});

scenario({
  name: "an interrupt with --kill ends the tool at once",
  needs: "interrupt",
  options: { scripts: [SCRIPT] },
  async play(box) {
    await begin(box);
    expect(await box.ao("interrupt", "--kill", "app-1")).toMatchObject({ status: 0 });
    expect(running(box)).toEqual([]);
    await box.untilResting("app-1");
    await settle(box);
  },
});

scenario({
  name: "an interrupt in the terminal says what the tool leaves running as well",
  needs: "draft",
  kinds: kinds.filter(({ plugin }) => plugin !== "aider"),
  options: { scripts: [SCRIPT] },
  async play(box) {
    await begin(box);
    for (let press = 0; press < 2; press += 1) {
      box.type("app-1", ["Escape"]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      if ((await box.view("app-1")).activity?.state === "ready") break;
    }
    await box.untilResting("app-1");
    await settle(box);
  },
});
