import { execFileSync } from "node:child_process";
import type { Bench } from "../support/context.ts";
import { byTurns, median, timed } from "../support/numbers.ts";
import { AO, bareEnv, nodeAlone } from "../support/stage.ts";

/** `ao --version` compared with the bare interpreter. */
export const startUp: Bench = async ({ rounds }) => {
  const samples = await byTurns(rounds(30), {
    byHand: () => timed(nodeAlone),
    ao: () => timed(() => execFileSync(process.execPath, [AO, "--version"], { env: bareEnv })),
  });
  const byHand = median(samples.byHand);
  return [
    {
      id: "version",
      what: "ao --version",
      unit: "ms",
      figure: median(samples.ao),
      goal: "≤ 1.5 × node -e 0",
      limit: 1.5 * byHand,
      byHand: { what: "node -e 0", figure: byHand },
      samples,
    },
  ];
};
