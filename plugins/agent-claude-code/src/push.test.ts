import type { Activity } from "@agent-orchestrator/core/model/activity";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, test } from "vitest";
import { Stage } from "./testing/stage.ts";

const ROUNDS = 40;
const GOAL_MS = 250;

const p95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;

/** From what the program does to its fact, in milliseconds. */
async function timed(doing: () => void, isTold: () => boolean): Promise<number> {
  const began = performance.now();
  doing();
  await waitFor(isTold, { intervalMs: 1, what: "the fact" });
  return performance.now() - began;
}

test(`its status file and its hooks are facts within ${GOAL_MS} ms`, async () => {
  const stage = await Stage.open();
  await stage.observe();
  const stateNow = () => (stage.kinds("activity").at(-1) as { activity: Activity } | undefined)?.activity.state;
  stage.hook("UserPromptSubmit", { prompt: "Fix issue 42." });
  const byFile: number[] = [];
  const byHook: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    byFile.push(
      await timed(
        () => stage.status("busy"),
        () => stateNow() === "active",
      ),
    );
    const known = stage.kinds("accepted").length;
    byHook.push(
      await timed(
        () => stage.hook("UserPromptSubmit", { prompt: `words ${round}` }),
        () => stage.kinds("accepted").length > known,
      ),
    );
    stage.status("idle");
    stage.hook("Stop");
    await stage.until("ready");
  }
  const figures = [p95(byFile), p95(byHook)].map((ms) => Math.round(ms));
  console.log(
    `p95 of ${ROUNDS}: status file → fact ${figures[0]} ms; hook, its shell included → fact ${figures[1]} ms`,
  );
  expect(Math.max(...figures)).toBeLessThanOrEqual(GOAL_MS);
});
