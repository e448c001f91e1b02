import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { expect, it } from "vitest";
import { type Outcome, simulate } from "./testing/simulation.ts";

const RUNS = Number(process.env.AO_SIM_RUNS ?? 8);
const STEPS = Number(process.env.AO_SIM_STEPS ?? 100);

async function runAll(seeds: number[]): Promise<(Outcome & { ms: number })[]> {
  const outcomes: (Outcome & { ms: number })[] = [];
  for (const seed of seeds) {
    const home = makeTempDir("ao-sim");
    try {
      const began = performance.now();
      const outcome = await simulate(seed, { home, steps: STEPS });
      outcomes.push({ ...outcome, ms: performance.now() - began });
    } finally {
      removeDir(home);
    }
  }
  return outcomes;
}

it("whatever is requested and whatever breaks, everything settles in the end and nothing was done twice", {
  timeout: 30_000 + RUNS * 5_000,
}, async () => {
  const { SEED } = process.env;
  const first = SEED === undefined ? 1 : Number(SEED);
  const seeds = SEED === undefined ? Array.from({ length: RUNS }, (_, index) => first + index) : [first];
  const began = performance.now();
  const outcomes = await runAll(seeds);
  const crashes = outcomes.reduce((sum, each) => sum + each.crashes, 0);
  const failed = outcomes.filter(({ wrong }) => wrong.length > 0);
  console.log(
    `simulation: seeds ${first}–${first + seeds.length - 1}, ${STEPS} steps each, ${crashes} crashes, ${failed.length} failed, ${Math.round(performance.now() - began)} ms`,
  );
  if (process.env.AO_SIM_VERBOSE) {
    for (const { seed, calmHours, ms } of outcomes)
      console.log(`seed ${seed}: ${calmHours.toFixed(2)} h, ${Math.round(ms)} ms`);
  }
  for (const { seed, wrong, story } of failed) {
    console.log(`SEED=${seed} brings it back: ${wrong.slice(0, 6).join("; ")}`);
    if (SEED !== undefined) console.log(story.join("\n"));
  }
  expect(failed.map(({ seed, wrong }) => `SEED=${seed}: ${wrong[0]}`)).toEqual([]);
});
