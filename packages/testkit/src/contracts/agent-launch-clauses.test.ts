import { existsSync } from "node:fs";
import { join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Agent, LaunchSpec } from "@agent-orchestrator/core/slots/agent";
import { describe, expect, test } from "vitest";
import { BEFORE_LAUNCH, type LaunchClause } from "./agent-launch-clauses.ts";

const isInstalled = ({ PATH = "" }: Record<string, string>): boolean =>
  PATH.split(":").some((dir) => existsSync(join(dir, "model")));

const WHOLE = {
  processName: "model",
  promptDelivery: "inline",
  outerMarks: ["MODEL_AGENT"],
  getLaunchCommand: () => "model",
  getEnvironment: () => ({ MODEL: "1" }),
  getLaunchSpec: async ({ prompt, promptFile }) => ({
    argv: ["model", ...(prompt === undefined ? [] : [`--file=${promptFile}`])],
    promptDelivered: prompt !== undefined,
  }),
  async preflight({ env }) {
    if (!isInstalled(env)) throw new AoError("UNAVAILABLE", "model was not found");
  },
  examine: async ({ env }) => [
    isInstalled(env) ? { level: "ok", text: "model 1" } : { level: "error", text: "model was not found" },
  ],
  getTranscript: async () => null,
} satisfies Agent;

let count = 0;
const launching = (change: (spec: LaunchSpec, prompt: string) => LaunchSpec | null): Partial<Agent> => ({
  getLaunchSpec: async (config) => change(await WHOLE.getLaunchSpec(config), config.prompt ?? ""),
});

const BROKEN: [breaks: string, clause: string, Partial<Agent>][] = [
  ["names a path as its program", "names its program", { processName: "/bin/model" }],
  ["accepts the prompt in a way of its own", "names its program", { promptDelivery: "by post" as never }],
  ["marks by a prefix", "lists outer marks", { outerMarks: ["MODEL_*"] }],
  ["returns no launch", "returns a launch", launching(() => null)],
  ["returns no words", "returns a launch", launching((spec) => ({ ...spec, argv: [] }))],
  ["has a NUL in a word", "returns a launch", launching((spec) => ({ ...spec, argv: ["model", "a\0b"] }))],
  [
    "splits the prompt",
    "never turns",
    launching((spec, prompt) => ({ ...spec, argv: ["model", ...prompt.split("\n")] })),
  ],
  ["passes the prompt bare", "never turns", launching((spec, prompt) => ({ ...spec, argv: ["model", prompt] }))],
  ["numbers its launches", "returns the same", launching((spec) => ({ ...spec, argv: ["model", String(++count)] }))],
  ["numbers its commands", "returns the same", { getLaunchCommand: () => `model ${++count}` }],
  ["exports the prompt", "keeps the prompt out", { getEnvironment: ({ prompt = "" }) => ({ PROMPT: prompt }) }],
  [
    "exports the prompt with its launch",
    "keeps the prompt out",
    launching((spec, prompt) => ({ ...spec, env: { PROMPT: prompt } })),
  ],
  ["forgets the prompt", "does not lose", launching((spec) => ({ ...spec, promptDelivered: false }))],
  ["resumes nothing with no words", "cannot resume", launching((spec) => ({ ...spec, argv: [] }))],
  ["starts without its program", "refuses to start", { preflight: async () => undefined }],
  [
    "misses a program without saying so",
    "reports a missing program",
    { examine: async () => [{ level: "ok", text: "model" }] },
  ],
  [
    "never finds its program",
    "reports a missing program",
    { examine: async () => [{ level: "error", text: "model was not found" }] },
  ],
  ["says nothing", "reports a missing program", { examine: async () => [{ level: "error", text: " " }] }],
  ["invents a transcript", "has no transcript", { getTranscript: async () => "" }],
];

const clauseOf = (beginning: string): LaunchClause => {
  const clause = BEFORE_LAUNCH.find(({ name }) => name.startsWith(beginning));
  if (clause === undefined) throw new Error(`no clause ${beginning}`);
  return clause;
};

describe("the clauses before a launch", () => {
  test.each(BEFORE_LAUNCH)("an agent that keeps it passes: $name", async (clause) => {
    await clause.check(WHOLE, {});
  });

  test.each(BROKEN)("an agent that %s fails “%s”", async (_, clause, broken) => {
    await expect(clauseOf(clause).check({ ...WHOLE, ...broken }, {})).rejects.toThrow();
  });

  test("each clause has an agent that fails it", () => {
    const broken = new Set(BROKEN.map(([, clause]) => clauseOf(clause)));
    expect(BEFORE_LAUNCH.filter((clause) => !broken.has(clause)).map(({ name }) => name)).toEqual([]);
  });
});
