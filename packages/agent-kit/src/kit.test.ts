import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentObservation } from "@agent-orchestrator/core/slots/agent";
import { fakeClock } from "@agent-orchestrator/testkit/fake-clock";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { alarm } from "./alarm.ts";
import { defineAgent } from "./define.ts";
import { locate } from "./examine.ts";
import { keptFile } from "./kept.ts";
import { asArgument, asOwnWords } from "./launch.ts";
import { Line, optionsParser, sharedOptions, wordsWith } from "./options.ts";
import { endOfFile, endOfText, textFrom } from "./text-end.ts";
import { until } from "./until.ts";
import { createWatches } from "./watches.ts";

const Options = z.strictObject({
  ...sharedOptions,
  args: wordsWith((words) => words.filter((word) => word === "--no").map((word) => `${word} is not possible`)).default(
    [],
  ),
  command: Line.default("agent"),
});
const parse = optionsParser("example", Options, "For example: none.");

test("all problems of the options are reported at once, with the keys", () => {
  const wrong = { modell: "x", args: ["--no", "a\u0000"], env: { "1": "x" }, command: " " };
  expect(() => parse(wrong)).toThrow(
    expect.objectContaining({
      code: "CONFIG",
      message: expect.stringMatching(
        /^agentConfig of the agent `example`: (?=.*unknown `modell`)(?=.*args: --no is not possible)(?=.*args.1: has a NUL)(?=.*env.1)(?=.*command: is empty)/,
      ),
      hint: expect.stringMatching(/^The keys are permissions, .*command\. For example: none\.$/),
    }),
  );
});

test("an agent gets the project's options over the instance's, and answers what it has nothing to say about", async () => {
  const { create } = defineAgent({
    manifest: { name: "example", slot: "agent", description: "", version: "1.0.0" },
    parse,
    agent: ({ options, optionsFor }) => ({
      processName: options.command,
      getEnvironment: ({ agentConfig }) => optionsFor(agentConfig).env,
    }),
  });
  const agent = create({ command: "my agent", env: { A: "1" } }, pluginContext());
  expect(agent.getLaunchCommand({} as never)).toBe("'my agent'");
  expect(agent.getEnvironment({ agentConfig: { env: { B: "2" } } } as never)).toEqual({ B: "2" });
  expect(() => create({ commmand: "x" })).toThrow("unknown `commmand`");
});

test("the newest watch of a session counts, and a stopped one is forgotten", async () => {
  const watches = createWatches<AgentObservation & { name: string }>();
  const watch = (name: string) => ({ name, hint: () => undefined, stop: async () => undefined });
  const session = pluginSession();
  const first = watches.keep(session, watch("first"));
  const second = watches.keep(session, watch("second"));
  await first.stop();
  expect(watches.get(session)?.name).toBe("second");
  await second.stop();
  expect(watches.get(session)).toBe(undefined);
  const clock = fakeClock();
  const waiting = watches.wait(session, { clock });
  const late = expect(waiting).rejects.toMatchObject({ code: "TRY_AGAIN" });
  await clock.advance(11_000);
  await late;
});

test("an alarm rings at the earliest time, or at the last one that was set, and not after the end", async () => {
  const clock = fakeClock();
  const end = new AbortController();
  const rung: number[] = [];
  const { set, atLatest } = alarm(clock, end.signal, () => rung.push(clock.monotonic()));
  const began = clock.monotonic();
  const pass = async () => {
    for (let step = 0; step < 10; step++) await clock.advance(100);
  };
  for (const ms of [500, 900, 300, null]) atLatest(ms);
  await pass();
  set(100);
  set(400);
  await pass();
  set(100);
  set(null);
  set(200);
  end.abort();
  await pass();
  expect(rung.map((at) => at - began)).toEqual([300, 1_400]);
});

test("what is looked for is returned as soon as it is there, or null when the time is over", async () => {
  const clock = fakeClock();
  let found: string | null = null;
  const patience = { clock, ms: 1_000, everyMs: 100 };
  const waiting = until(() => found, patience);
  await clock.advance(250);
  found = "it";
  await clock.advance(100);
  expect(await waiting).toBe("it");
  const vain = until(() => false, patience);
  await clock.advance(1_100);
  expect(await vain).toBe(null);
});

test("a kept file is read as it was written, changed in part, and anything else counts as none", () => {
  const path = join(tempDir("kept"), "new", "note.json");
  for (const isDurable of [true, false]) {
    const file = keptFile(path, z.object({ a: z.number(), b: z.string() }), { isDurable });
    file.write({ a: 1, b: "x" });
    file.change({ a: 2 });
    expect(file.read()).toEqual({ a: 2, b: "x" });
    for (const text of ["", "{", "[]", '{"a":"1"}']) {
      writeFileSync(path, text);
      expect(file.read()).toBe(null);
      file.change({ a: 3 });
      expect(readFileSync(path, "utf8")).toBe(text);
    }
  }
  mkdirSync(join(path, "..", "folder.json"));
  expect(() => keptFile(join(path, "..", "folder.json"), z.string()).read()).toThrow();
  expect(keptFile(join(path, "..", "none.json"), z.string()).read()).toBe(null);
});

test("the end of a text has at most so many bytes, is an end of it, and begins with a whole line or character", () => {
  const path = join(tempDir("end"), "text");
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "é", "👍") }), fc.nat({ max: 20 }), (text, maxBytes) => {
      writeFileSync(path, text);
      const end = endOfText(text, maxBytes);
      expect(text.endsWith(end)).toBe(true);
      expect(Buffer.byteLength(end)).toBeLessThanOrEqual(maxBytes);
      const before = text.slice(0, text.length - end.length);
      const isWhole = before === "" || before.endsWith("\n");
      // Only a text without a line that fits is cut inside one.
      if (!isWhole) expect(end.slice(0, -1)).not.toContain("\n");
      expect(endOfFile(path, maxBytes)).toBe(end);
      expect(textFrom(path, 0)).toBe(text);
    }),
  );
  expect(endOfFile(join(path, "none"), 10)).toBe(null);
});

test("a text becomes one argument that is no option, and words that are no command", () => {
  expect(asArgument("-rf", undefined)).toBe(" -rf");
  expect(asArgument("x".repeat(200_000), "/s/prompt.md")).toContain("/s/prompt.md");
  const rules = { signs: /^[/!]/, farewells: /^(?:exit|quit)$/ };
  const texts = ["/clear", "exit ", "exit now", "plain"];
  expect(texts.map((text) => asOwnWords(text, rules))).toEqual([" /clear", "exit.", "exit now", "plain"]);
});

test("a program is found on PATH or in the project, and its absence is reported with how to install it", () => {
  const project = tempDir("project");
  writeFileSync(join(project, "agent.sh"), "");
  const env = { PATH: "/usr/bin:/bin" };
  expect(locate({ command: "sh", env })).toMatch(/\/sh$/);
  expect(locate({ command: "./elsewhere.sh", env, project })).toBe("./elsewhere.sh");
  expect(() => locate({ command: "./agent.sh", env, project })).toThrow("not executable");
  expect(() => locate({ command: "no-such-agent", env, install: "npm i it" })).toThrow(
    expect.objectContaining({ code: "UNAVAILABLE", hint: expect.stringContaining("`npm i it`") }),
  );
});
