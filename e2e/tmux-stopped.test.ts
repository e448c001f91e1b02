import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { Sandbox } from "./support/sandbox.ts";
import { figure } from "./support/tier.ts";

let box: Sandbox;
let stopped: number | null = null;
const signal = (name: "SIGSTOP" | "SIGCONT") => {
  if (stopped !== null) process.kill(stopped, name);
};
afterEach(async ({ task }) => {
  signal("SIGCONT");
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** tmux has 3 s to answer, and a command starts, asks and prints. */
const SOON_MS = 20_000;

it("answers in time while tmux is stopped, says that nothing was written, and works again when tmux does", async () => {
  box = new Sandbox({ agentArgs: ["--idle"] });
  await box.ao("trust");
  const spawned = await box.ao("spawn", "app", "1", "2");
  expect(spawned.status, spawned.stderr).toBe(0);
  const warm = await box.ao("send", "app-1", "before");
  expect(warm.status, warm.stderr).toBe(0);
  stopped = Number(box.tmux("display-message", "-p", "#{pid}").trim());
  signal("SIGSTOP");
  const tried: Record<string, number> = {};
  const attempt = async (expected: number, ...args: string[]) => {
    const answer = await box.aoWith({ timeoutMs: 240_000 }, ...args);
    expect(answer.status, `${args.join(" ")}: ${answer.stderr}`).toBe(expected);
    expect(answer.ms, args.join(" ")).toBeLessThan(SOON_MS);
    tried[`${args.slice(0, 2).join(" ")}`] = Math.round(answer.ms);
    return answer;
  };
  const first = await attempt(75, "send", "app-1", "lost", "--timeout", "5s");
  expect(first.stderr).toContain("nothing was written");
  await attempt(75, "send", "app-1", "lost");
  const failed = await attempt(69, "spawn", "app", "3");
  expect(failed.stderr).toContain("tmux is not responding");
  await attempt(0, "kill", "app-2");
  expect(box.agentEvents().some(({ text }) => text === "lost")).toBe(false);

  signal("SIGCONT");
  await waitFor(async () => (await box.ao("send", "app-1", "after")).status === 0, {
    timeoutMs: 30_000,
    what: "a message after tmux continued",
  });
  await waitFor(() => box.agentEvents().some(({ text }) => text === "after"), { what: "the message" });
  const texts = box.agentEvents().flatMap(({ session, text }) => (session === "app-1" && text ? [text] : []));
  expect(texts).toEqual(["before", "after"]);
  figure(`tmux stopped: ${JSON.stringify(tried)} ms (before: send 131 s, spawn over 300 s, kill 131 s)`);
}, 300_000);
