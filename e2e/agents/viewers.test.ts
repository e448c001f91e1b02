import { existsSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished } from "vitest";
import { AO } from "../support/sandbox.ts";
import { type AgentBox, PATIENCE_MS } from "./support/agent-box.ts";
import { kinds as allKinds } from "./support/kinds.ts";
import { scenario } from "./support/scenario.ts";
import { Viewers } from "./support/viewers.ts";

/** Agents whose terminal is a tmux pane. */
const kinds = allKinds.filter(({ runtime }) => runtime === undefined);
const SIZES = [
  [20, 6],
  [80, 10],
  [300, 80],
  [1, 1],
] as const;
const OWN = "200x50";

const nameOf = (box: AgentBox): string =>
  box
    .tmux("list-sessions", "-F", "#{session_name}")
    .split("\n")
    .find((name) => name.endsWith("-app-1")) ?? "";

const sizeOf = (box: AgentBox): string =>
  box.tmux("display-message", "-p", "-t", `=${nameOf(box)}:`, "#{window_width}x#{window_height}").trim();

const pidsOf = (box: AgentBox): number[] =>
  box
    .tmux("list-clients", "-t", `=${nameOf(box)}`, "-F", "#{client_pid}")
    .split("\n")
    .filter(Boolean)
    .map(Number);

const openViewers = (): Viewers => {
  const viewers = new Viewers();
  onTestFinished(() => viewers.end());
  return viewers;
};

/** `ao attach`, or tmux itself on the daemon's socket. */
async function attach(box: AgentBox, viewers: Viewers, how: { size: readonly [number, number]; isRaw: boolean }) {
  const socket = box.tmux("display-message", "-p", "#{socket_path}").trim();
  const argv = how.isRaw
    ? ["env", "-u", "TMUX", "tmux", "-S", socket, "attach-session", "-t", `=${nameOf(box)}:`]
    : [process.execPath, AO, "attach", "app-1"];
  const before = pidsOf(box).length;
  const viewer = viewers.open(["env", "-C", box.repo.path, ...argv], how.size, box.env);
  await waitFor(() => pidsOf(box).length > before, { timeoutMs: PATIENCE_MS, what: "an attached viewer" });
  return viewer;
}

const untilOwnSize = (box: AgentBox) =>
  waitFor(() => sizeOf(box) === OWN, { what: `the session's own size, not ${sizeOf(box)}` });

scenario({
  name: "messages arrive while a viewer of any size is attached, and the session has its own size afterwards",
  needs: "messages",
  kinds,
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    const viewers = openViewers();
    for (const [at, size] of SIZES.entries()) {
      const viewer = await attach(box, viewers, { size, isRaw: at % 2 === 1 });
      const words = `while ${size.join(" by ")} watches`;
      expect((await box.say("app-1", `${words}: %%say seen`)).state, words).toMatch(/^(?:accepted|written)$/);
      await box.untilHeard(words);
      await box.untilResting("app-1");
      if (at % 2 === 1) process.kill(pidsOf(box)[0] ?? 0, "SIGKILL");
      else viewers.close(viewer);
      await untilOwnSize(box);
      await box.say("app-1", `after ${size.join(" by ")}: %%say seen`);
      await box.untilHeard(`after ${size.join(" by ")}`);
      await box.untilResting("app-1");
    }
    for (const size of SIZES) {
      for (const words of [`while ${size.join(" by ")} watches`, `after ${size.join(" by ")}`])
        expect(box.model.truth.timesHeard(words), words).toBe(1);
    }
  },
});

scenario({
  name: "a permission is one while a tiny terminal shows it, holds messages, and is answered from outside",
  needs: "permission",
  kinds,
  options: { scripts: ["%%say ready"] },
  async play(box) {
    await box.begin();
    const viewers = openViewers();
    await attach(box, viewers, { size: [20, 6], isRaw: false });
    await box.say("app-1", "%%gated sh asked.sh ;; %%say went on");
    await box.get("wait", { session: "app-1", until: ["needs_input"], timeoutMs: PATIENCE_MS });
    await box.get("send", { session: "app-1", text: "from outside", isWaiting: false });
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // enough time for a message to do harm
    const { messages, question, workspacePath } = await box.view("app-1");
    expect(messages.at(-1)).toMatchObject({ state: "held", heldFor: "asking" });
    expect(question?.choices.length).toBeGreaterThan(1);
    expect(existsSync(join(workspacePath ?? "", "asked.txt"))).toBe(false);
    box.mark("app-1", "unknown", "being answered");
    expect(await box.ao("answer", "app-1", "1")).toMatchObject({ status: 0 });
    await box.untilHeard("from outside");
    await box.untilResting("app-1");
    expect(existsSync(join(workspacePath ?? "", "asked.txt"))).toBe(true);
  },
});
