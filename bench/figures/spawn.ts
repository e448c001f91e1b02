import { ByHand } from "../support/by-hand.ts";
import type { Bench } from "../support/context.ts";
import type { Measured } from "../support/figure.ts";
import { byTurns, median, timed } from "../support/numbers.ts";
import { nodeAlone, Stage, smallProject } from "../support/stage.ts";

/** Only the time until the program runs counts. What follows (readiness, first looks) ends before the next turn. */
const SETTLE_MS = 1_500;
const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

/** From `ao spawn` of one session until its agent's process has written its first line. */
export const spawnOne: Bench = async ({ rounds }) => {
  const stage = new Stage({ agent: "idle" });
  const hand = new ByHand(smallProject(3));
  const returned: number[] = [];
  try {
    await stage.begin();
    const samples = await byTurns(rounds(15), {
      async byHand() {
        await settle();
        const count = hand.agentLines().length;
        return timed(async () => {
          nodeAlone();
          hand.start("idle.sh");
          await hand.untilLines(count + 1, "an agent started by hand");
        });
      },
      async ao(round) {
        await settle();
        const count = stage.agentLines().length;
        const begin = performance.now();
        const runs = stage.untilLines(count + 1, "the agent of ao spawn").then(() => performance.now() - begin);
        const back = stage.ao("spawn", "app", "--prompt", `task ${round}`).then(() => performance.now() - begin);
        const [ranMs, backMs] = await Promise.all([runs, back]);
        if (round > 0) returned.push(backMs);
        return ranMs;
      },
    });
    const byHand = median(samples.byHand);
    return [
      {
        id: "spawn",
        what: "ao spawn until the agent's process runs",
        unit: "ms",
        figure: median(samples.ao),
        goal: "≤ 2 × by hand",
        limit: 2 * byHand,
        byHand: { what: "node -e 0 + git worktree add + tmux new-session", figure: byHand },
        samples,
        notes: [`the command returned after ${median(returned).toFixed(0)} ms`],
      },
    ];
  } finally {
    hand.close();
    await stage.close();
  }
};

const MANY = 20;

/** From one `ao spawn` of twenty issues until the last agent has written its first line. */
export const spawnMany: Bench = async ({ rounds }) => {
  const samples: Required<Measured>["samples"] & { ao: number[]; byHand: number[] } = { ao: [], byHand: [] };
  const count = rounds(5);
  for (let round = 0; round < count; round += 1) {
    const sides = [twentyByHand, twentyByAo];
    if (round % 2 === 1) sides.reverse();
    for (const side of sides) (side === twentyByHand ? samples.byHand : samples.ao).push(await side());
  }
  const byHand = median(samples.byHand);
  return [
    {
      id: "spawn-20",
      what: "one ao spawn of 20 issues until the last agent runs",
      unit: "ms",
      figure: median(samples.ao),
      goal: "≤ 2 × by hand",
      limit: 2 * byHand,
      byHand: { what: "20 × git worktree add + tmux new-session, one after another", figure: byHand },
      samples,
    },
  ];
};

async function twentyByHand(): Promise<number> {
  const hand = new ByHand(smallProject(MANY));
  try {
    hand.tmux("new-session", "-d", "-s", "warm", "cat");
    await settle();
    return await timed(async () => {
      for (let n = 0; n < MANY; n += 1) hand.start("idle.sh");
      await hand.untilLines(MANY, "20 agents started by hand");
    });
  } finally {
    hand.close();
  }
}

async function twentyByAo(): Promise<number> {
  const stage = new Stage({ agent: "idle", issues: MANY + 1 });
  try {
    await stage.begin();
    await stage.ao("spawn", "app", String(MANY + 1)); // Warm, like the tmux server in the run by hand.
    await settle();
    const issues = Array.from({ length: MANY }, (_, n) => String(n + 1));
    const begin = performance.now();
    const runs = stage.untilLines(MANY + 1, "the last of 20 agents").then(() => performance.now() - begin);
    const [ranMs] = await Promise.all([runs, stage.ao("spawn", "app", ...issues)]);
    return ranMs;
  } finally {
    await stage.close();
  }
}
