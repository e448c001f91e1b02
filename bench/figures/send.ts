import { ByHand } from "../support/by-hand.ts";
import type { Bench } from "../support/context.ts";
import { byTurns, median, p95 } from "../support/numbers.ts";
import { nowMs, Stage, smallProject, stamped } from "../support/stage.ts";

const GOAL_MS = 250;
const breath = () => new Promise((resolve) => setTimeout(resolve, 1_100));

/** From `ao send` until the agent's program has the line. By hand: the two tmux calls that do the same without any checks. */
export const send: Bench = async ({ rounds }) => {
  const stage = new Stage({ agent: "listener" });
  const hand = new ByHand(smallProject(3));
  try {
    await stage.begin();
    const [session] = await stage.box.get("spawn", { words: ["app"], prompt: "listen" });
    const name = hand.start("listener.mjs");
    await Promise.all([stage.untilLines(1, "the listener"), hand.untilLines(1, "the listener by hand")]);
    const id = session?.id ?? "";
    await stage.ao("send", id, "first line");
    const samples = await byTurns(rounds(20), {
      async byHand(round) {
        const count = hand.agentLines().length;
        const begin = nowMs();
        hand.tmux("send-keys", "-t", name, "-l", `hello ${round}`);
        hand.tmux("send-keys", "-t", name, "Enter");
        await hand.untilLines(count + 1, "the line by hand");
        return stamped(hand.agentLines().at(-1) ?? "").atMs - begin;
      },
      async ao(round) {
        await stage.untilReady(id);
        await breath(); // Between two messages an agent gets a second to show that it took the first.
        const count = stage.agentLines().length;
        const begin = nowMs();
        await stage.ao("send", id, `hello ${round}`);
        await stage.untilLines(count + 1, "the line");
        return stamped(stage.agentLines().at(-1) ?? "").atMs - begin;
      },
    });
    return [
      {
        id: "send",
        what: "ao send until the agent has the line",
        unit: "ms",
        figure: median(samples.ao),
        goal: "≤ 250 ms + the agent's own program",
        limit: GOAL_MS,
        byHand: { what: "tmux send-keys twice", figure: median(samples.byHand) },
        samples,
        notes: [`p95 ${p95(samples.ao).toFixed(0)} ms`],
      },
    ];
  } finally {
    hand.close();
    await stage.close();
  }
};
