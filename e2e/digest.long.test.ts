import { appendFileSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { Digest } from "@agent-orchestrator/core/protocol/results";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, it } from "vitest";
import { AGENT, Sandbox } from "./support/sandbox.ts";

const PLUGIN = fileURLToPath(new URL("./support/telling-agent.mjs", import.meta.url));

let box: Sandbox;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(await box.diagnose());
  await box.close();
});

/** The agent of app-1 has used so many tokens so far, at 10 dollars a million. */
async function used(input: number): Promise<void> {
  const tokens = { input, output: 0, cacheRead: 0, cacheWrite: 0 };
  const fact = { kind: "usage", usage: { key: "c1", models: [{ model: "big-1", usd: null, tokens }] } };
  appendFileSync(join(box.dir, "facts-app-1.jsonl"), `${JSON.stringify(fact)}\n`);
  await waitFor(async () => (await box.json<SessionView>("show", "app-1")).cost?.tokens === input, {
    what: "the usage",
  });
}

it("tells what was used since a time from what was used before, also after a restart", async () => {
  box = new Sandbox();
  const argv = JSON.stringify([process.execPath, AGENT, "--idle"]);
  box.configure({
    top: "limits: { maxCostUsd: 4 }\nprices: { big: { input: 10, output: 20, cacheRead: 0 } }\nplugins: [{ path: ./telling-agent.mjs }]",
    project: "    agent: telling\n    scm: local",
    agentConfig: `{ argv: ${argv}, facts: ${JSON.stringify(box.dir)} }`,
  });
  copyFileSync(PLUGIN, join(box.repo.path, "telling-agent.mjs"));
  expect(await box.ao("trust")).toMatchObject({ status: 0 });
  await box.ao("spawn", "app", "1");
  await used(100_000);
  const between = new Date().toISOString();
  await used(410_000);
  const digest = (since: string) => box.json<Digest>("digest", "--since", since);
  const check = async () => {
    expect((await digest(between)).cost).toMatchObject({ usd: expect.closeTo(3.1), tokens: 310_000 });
    const all = await digest("1h");
    expect(all.cost).toMatchObject({ usd: expect.closeTo(4.1), tokens: 410_000 });
    expect(all).toMatchObject({ counts: { started: 1 }, isCut: false, isCostWhole: true });
    expect(all.failed.map(({ sessionId }) => sessionId)).toEqual(["app-1"]);
    expect(all.waits.map(({ sessions }) => sessions[0]?.id)).toEqual(["app-1"]);
  };
  await check();
  await box.ao("restart");
  await check();
  const text = (await box.ao("digest", "--since", between)).stdout;
  expect(text).toContain("Cost: $3.10 · 310 k tokens\n");
  expect(text).toMatch(/Waits for you \(1\)\n {2}app-1 {2}paused: its limit of \$4\.00 is reached/);
  expect(await box.ao("digest", "--since", "tomorrow")).toMatchObject({ status: 64 });
});
