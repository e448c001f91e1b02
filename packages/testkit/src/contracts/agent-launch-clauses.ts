import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Agent, AgentFinding, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { expect } from "vitest";
import { projectConfig } from "../plugin-context.ts";
import { pluginSession } from "../session.ts";
import { tempDir } from "../temp-dir.ts";

/** Text that would do harm in a shell, a terminal or as an option. */
const HOSTILE = "-rf $(touch /tmp/never) `id` ; rm * | 'q' \"d\"\n--force\n#{q} {promptFile} \u001b[31m";

export function launchConfig(overrides: Partial<AgentLaunchConfig> = {}): AgentLaunchConfig {
  const dir = tempDir("ao-agent");
  const promptFile = join(dir, "session", "prompt.md");
  mkdirSync(join(dir, "session"), { mode: 0o700 });
  mkdirSync(join(dir, "checkout"));
  const prompt = overrides.prompt ?? "Fix issue 42.";
  writeFileSync(promptFile, prompt, { mode: 0o600 });
  return {
    sessionId: "app-1",
    projectConfig: projectConfig({ path: dir }),
    workspacePath: join(dir, "checkout"),
    sessionDir: join(dir, "session"),
    issueId: "42",
    prompt,
    promptFile,
    agentConfig: {},
    ...overrides,
  };
}

export interface LaunchClause {
  name: string;
  /** The method that it tests, if not one that every agent has. */
  method?: "getLaunchSpec" | "getTranscript" | "preflight" | "examine";
  check(agent: Agent, agentConfig: Record<string, unknown>): Promise<void>;
}

const specOf = (agent: Agent, config: AgentLaunchConfig) => Promise.resolve(agent.getLaunchSpec?.(config) ?? null);

const emptyEnv = (): Record<string, string> => ({ PATH: tempDir("ao-no-programs"), HOME: tempDir("ao-no-home") });

/** A program of this name that only tells a version. */
function envWith(program: string): Record<string, string> {
  const { PATH = "", HOME = "" } = emptyEnv();
  writeFileSync(join(PATH, program), "#!/bin/sh\necho 0.0.1\n", { mode: 0o755 });
  return { PATH: `${PATH}:/usr/bin:/bin`, HOME };
}

function wellFormed(findings: AgentFinding[]): AgentFinding[] {
  for (const { level, text } of findings) {
    expect(["ok", "warning", "error"]).toContain(level);
    expect(text.trim()).not.toBe("");
  }
  return findings;
}

const TRAITS: LaunchClause[] = [
  {
    name: "names its program, how it accepts the first prompt, and whether it confirms messages",
    async check(agent) {
      expect(agent.processName).toMatch(/^[^/\s]+$/);
      expect(["inline", "post-launch", undefined]).toContain(agent.promptDelivery);
      expect(["interactive", "per-turn", undefined]).toContain(agent.lifetime);
      expect(["always", "never", undefined]).toContain(agent.receipts);
    },
  },
  {
    name: "lists outer marks as exact names",
    async check(agent) {
      for (const mark of agent.outerMarks ?? []) expect(mark).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
    },
  },
];

const LAUNCH: LaunchClause[] = [
  {
    name: "returns a launch as a list of words, the program first, without NUL",
    method: "getLaunchSpec",
    async check(agent, agentConfig) {
      const spec = await specOf(agent, launchConfig({ agentConfig, prompt: HOSTILE }));
      expect(spec?.argv[0] ?? "").not.toBe("");
      for (const word of spec?.argv ?? []) expect(word).not.toContain("\0");
    },
  },
  {
    name: "never turns a prompt into an option",
    method: "getLaunchSpec",
    async check(agent, agentConfig) {
      const spec = await specOf(agent, launchConfig({ agentConfig, prompt: HOSTILE }));
      expect(spec?.argv.filter((word) => word.startsWith("-rf") || word === "--force")).toEqual([]);
    },
  },
  {
    name: "returns the same launch for the same input",
    async check(agent, agentConfig) {
      const asked = launchConfig({ agentConfig });
      expect(await specOf(agent, asked)).toEqual(await specOf(agent, asked));
      expect(agent.getLaunchCommand(asked)).toBe(agent.getLaunchCommand(asked));
    },
  },
  {
    name: "keeps the prompt out of the environment, where others could read it",
    async check(agent, agentConfig) {
      const asked = launchConfig({ agentConfig, prompt: HOSTILE });
      const spec = await specOf(agent, asked);
      for (const value of Object.values({ ...agent.getEnvironment(asked), ...spec?.env })) {
        expect(value).not.toContain("touch /tmp/never");
      }
    },
  },
  {
    name: "does not lose the first prompt: the launch has it, or it is typed",
    method: "getLaunchSpec",
    async check(agent, agentConfig) {
      const spec = await specOf(agent, launchConfig({ agentConfig }));
      expect(spec?.promptDelivered === true || agent.promptDelivery === "post-launch").toBe(true);
    },
  },
  {
    name: "cannot resume a conversation that never was, or returns a launch for it",
    method: "getLaunchSpec",
    async check(agent, agentConfig) {
      const { prompt: _, promptFile: __, ...quiet } = launchConfig({ agentConfig });
      const spec = await specOf(agent, { ...quiet, resume: { agentSessionId: null } });
      if (spec !== null) expect(spec.argv[0] ?? "").not.toBe("");
    },
  },
];

const LOOK: LaunchClause[] = [
  {
    name: "refuses to start without its program, before anything is created",
    method: "preflight",
    async check(agent, agentConfig) {
      await expect(agent.preflight?.({ agentConfig, env: emptyEnv() })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    },
  },
  {
    name: "reports a missing program as an error, and only then",
    method: "examine",
    async check(agent, agentConfig) {
      const examine = async (env: Record<string, string>) =>
        wellFormed((await agent.examine?.({ agentConfig, env })) ?? []);
      const missing = (await examine(emptyEnv())).filter(({ level }) => level === "error").map(({ text }) => text);
      expect(missing).not.toEqual([]);
      const found = (await examine(envWith(agent.processName))).map(({ text }) => text);
      expect(found).not.toEqual([]);
      for (const text of missing) expect(found).not.toContain(text);
    },
  },
  {
    name: "has no transcript of a session that it has not seen",
    method: "getTranscript",
    async check(agent, agentConfig) {
      const session = pluginSession({ sessionDir: tempDir("ao-unseen"), agentConfig });
      expect(await agent.getTranscript?.(session, { maxBytes: 1_000 })).toBe(null);
    },
  },
];

/** What holds of a plugin whose program does not run. */
export const BEFORE_LAUNCH: readonly LaunchClause[] = [...TRAITS, ...LAUNCH, ...LOOK];
