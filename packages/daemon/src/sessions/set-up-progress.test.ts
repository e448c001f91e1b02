import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { expect, it } from "vitest";
import { createSetUpProgress } from "./set-up-progress.ts";

it("fits the time and the beginning of the last line into half a line of a terminal, however long the command is", async () => {
  const clock = fakeClock();
  const setUps = createSetUpProgress(clock);
  const command = "npm install --no-audit --no-fund --prefer-offline && npm run build -- --mode production";
  setUps.show("app-1", { command, lastLine: null });
  await clock.advance(72_000);
  setUps.show("app-1", { command, lastLine: `added 200 packages ${"and more ".repeat(40)}` });
  const setUp = setUps.of("app-1");
  expect(setUp?.text.slice(0, 56)).toMatch(/^npm install --no-audit.*… \(1 m\): added 200 packages/);
  expect(setUp?.command).toBe(command);
});
