import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
let stopped: number | null = null;
const resume = () => {
  if (stopped !== null) process.kill(stopped, "SIGCONT");
  stopped = null;
};
afterEach(async ({ task }) => {
  resume();
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

it("probe", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  expect((await box.ao("spawn", "app", "1")).status).toBe(0);
  await box.ao("wait", "app-1", "--for", "working");
  stopped = Number(box.tmux("display-message", "-p", "#{pid}").trim());
  process.kill(stopped, "SIGSTOP");
  for (const args of [["send", "app-1", "hello", "--timeout", "5s"], ["send", "app-1", "hello 2"], ["interrupt", "app-1"], ["spawn", "app", "2"], ["kill", "app-1"]]) {
    const answer = await box.aoWith({ timeoutMs: 300_000 }, ...args);
    process.stderr.write(`${args.join(" ")}: ${answer.status} after ${answer.ms} ms\n${answer.stdout}${answer.stderr}\n`);
  }
}, 900_000);
