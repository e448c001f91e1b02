import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { afterEach, expect, test } from "vitest";
import { Sandbox } from "./support/sandbox.ts";

const example = (file: string) => readFileSync(join(import.meta.dirname, "../examples/agent-minimal", file), "utf8");
const FILES = { "src/index.ts": example("src/index.ts"), "toy-agent.sh": example("toy-agent.sh") };

let box: Sandbox;
afterEach(() => box.close());

test.each(["tmux", "process"] as const)(
  "an agent plugin without `observe` shows what its agent does, in %s",
  async (runtime) => {
    box = new Sandbox({
      runtime,
      agent: "minimal",
      agentConfig: "{}",
      top: "plugins:\n  - path: ./src/index.ts",
      project: "    scm: { plugin: local }",
      files: FILES,
    });
    await box.start();
    await box.trust();
    await box.get("spawn", { words: ["app", "1"] });
    const shows = (text: string) =>
      waitFor(async () => (await box.ao("status")).stdout.includes(text), { what: text, timeoutMs: 20_000 });
    const view = async (id = "app-1") => (await box.get("status", { all: true })).find((each) => each.id === id);
    const state = async (id?: string) => (await view(id))?.activity;
    const says = (wanted: string, id?: string) =>
      waitFor(async () => (await state(id))?.state === wanted, { what: wanted, timeoutMs: 20_000 });
    await says("active");
    await shows("working");
    await says("ready");
    await shows("working (idle)");
    expect(await state()).toMatchObject({ source: "screen" });
    await box.get("send", { session: "app-1", text: "once more" });
    await says("active");
    await says("ready");
    expect((await view())?.summary).toBe("toying with 1");
    await box.get("send", { session: "app-1", text: "ask May I?" });
    await shows("needs_input");
    await shows("May I? [y/n]");
    await box.get("spawn", { words: ["app", "2"] });
    await says("ready", "app-2");
    await box.get("send", { session: "app-2", text: "exit" });
    await says("exited", "app-2");
    await waitFor(async () => (await box.ao("show", "app-2")).stdout.includes("exited"), { what: "its end" });
  },
);
