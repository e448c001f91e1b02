import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, test } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

let box: Sandbox;
afterEach(() => box.close());

/** A program that works on its task in this way, under a threshold of 4 s. */
async function started(script: string): Promise<void> {
  box = new Sandbox({
    agentConfig: JSON.stringify({ command: ["sh", "-c", script], lifetime: "per-turn" }),
    project: "    scm: { plugin: local }\n    reactions: { agent-stuck: { threshold: 4s } }",
  });
  await box.start();
  await box.trust();
  await box.get("spawn", { words: ["app", "1"] });
}

test("an agent that waits for work is idle after the user's `readyThresholdMs`", async () => {
  box = new Sandbox({ top: "readyThresholdMs: 2s" });
  await box.start();
  await box.trust();
  await box.get("spawn", { words: ["app", "1"] });
  const isIdle = async () => (await box.get("status", {}))[0]?.activity?.state === "idle";
  await waitFor(isIdle, { what: "an idle agent", timeoutMs: 30_000 });
});

const types = async () => (await box.get("events", { session: "app-1" })).map(({ type }) => type);
const wait = (until: "stuck" | "done" | "pr_open" | "review_pending") =>
  box.get("wait", { session: "app-1", until: [until], timeoutMs: 60_000 });

test("a program that says nothing and never ends its turn is told as stuck, once", async () => {
  await started("sleep 611");
  await wait("stuck");
  await new Promise((resolve) => setTimeout(resolve, 6_000)); // longer than the threshold
  expect((await types()).filter((type) => type === "session.stuck")).toHaveLength(1);
});

test("a program that prints the same line all the time is working", async () => {
  await started(
    "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo tick; sleep 1; done; echo a > a.txt; git add -A; git commit -qm a",
  );
  await wait("review_pending");
  expect(await types()).not.toContain("session.stuck");
});
