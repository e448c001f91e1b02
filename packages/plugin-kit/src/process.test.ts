import { spawn } from "node:child_process";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { expect, onTestFinished, test } from "vitest";
import { lookUp } from "./process.ts";

test("a process that a signal stopped is told from one that goes on", async () => {
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const isStopped = () => lookUp(child.pid ?? 0)?.isStopped;
  expect(isStopped()).toBe(false);
  child.kill("SIGSTOP");
  await waitFor(() => isStopped() === true, { what: "the stop" });
  child.kill("SIGCONT");
  await waitFor(() => isStopped() === false, { what: "its going on" });
});
