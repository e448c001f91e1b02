import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentContract } from "@agent-orchestrator/testkit/contracts/agent";
import type { AgentAtWork } from "@agent-orchestrator/testkit/contracts/agent-at-work";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterAll, beforeAll } from "vitest";
import { create } from "./index.ts";
import { bench, buildPrograms, NO_TERMINAL } from "./testing/bench.ts";

let programs: { dir: string; remove(): void };
beforeAll(async () => {
  programs = await buildPrograms();
});
afterAll(() => programs.remove());

/** Our real host, with the stand-in as its agent. */
async function atWork(): Promise<AgentAtWork> {
  const set = bench(programs.dir, { permissions: "default" });
  const { prompt: _, promptFile: __, ...quiet } = set.config;
  await set.launch({ ...quiet, prompt: "title begun" });
  const prompts = () => set.asked().flatMap(({ prompt }) => (typeof prompt === "string" ? [prompt] : []));
  await waitFor(() => prompts().length > 0, { what: "the first prompt" });
  const gate = join(tempDir("ao-gate"), "open");
  let count = 0;
  const send = (text: string) => set.send(text, `stage-${++count}`);
  return {
    agent: set.agent,
    session: set.session,
    terminal: NO_TERMINAL,
    idles: true,
    work: () => send(`until ${gate}`),
    rest: () => writeFileSync(gate, ""),
    ask: () => send("run npm publish"),
    answers: () => set.asked().flatMap(({ answered }) => (answered === undefined ? [] : [answered])),
    messages: ["title the first", "title the second"],
    received: () => prompts().slice(1),
    interrupts: () => set.asked().filter(({ cancel }) => cancel === true).length,
    say: (words) => send(`say ${words}`),
  };
}

agentContract("acp", {
  create: () => create({ command: ["my-agent", "acp"] }, pluginContext({ programsDir: programs.dir })),
  atWork,
});
