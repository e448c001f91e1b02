import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityState } from "@agent-orchestrator/core/model/status";
import type { Agent, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { describe, expect, test } from "vitest";
import { projectConfig } from "../plugin-context.ts";
import { pluginSession } from "../session.ts";
import { tempDir } from "../temp-dir.ts";

export interface AgentContract {
  /** Called in each test. */
  create(): Agent;
  agentConfig?: Record<string, unknown>;
  /** Handles of a live process and of one that is certainly gone. Absent if this agent judges by other means. */
  handles?: { alive(): Record<string, unknown>; gone(): Record<string, unknown> };
}

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

export function agentContract(name: string, contract: AgentContract): void {
  const config = (more: Partial<AgentLaunchConfig> = {}) =>
    launchConfig({ agentConfig: contract.agentConfig ?? {}, ...more });

  describe(`the agent contract, kept by ${name}`, () => {
    test("names its program and how it accepts the first prompt", () => {
      const agent = contract.create();
      expect(agent.processName).toMatch(/^[^/\s]+$/);
      expect(["inline", "post-launch", undefined]).toContain(agent.promptDelivery);
      expect(["always", "never", undefined]).toContain(agent.receipts);
    });

    test("lists outer marks as exact names", () => {
      for (const mark of contract.create().outerMarks ?? []) expect(mark).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
    });

    test("returns a launch as a list of words, the program first, without NUL", async () => {
      const agent = contract.create();
      const spec = await agent.getLaunchSpec?.(config({ prompt: HOSTILE }));
      expect(spec === undefined ? "no spec" : (spec?.argv.length ?? 0)).not.toBe(0);
      for (const word of spec?.argv ?? []) expect(word).not.toContain("\0");
    });

    test("never turns a prompt into an option", async () => {
      const spec = await contract.create().getLaunchSpec?.(config({ prompt: HOSTILE }));
      expect(spec?.argv.filter((word) => word.startsWith("-rf") || word === "--force")).toEqual([]);
    });

    test("returns the same launch for the same input", async () => {
      const asked = config();
      const agent = contract.create();
      expect(await agent.getLaunchSpec?.(asked)).toEqual(await agent.getLaunchSpec?.(asked));
      expect(agent.getLaunchCommand(asked)).toBe(agent.getLaunchCommand(asked));
    });

    test("keeps the prompt out of the environment, where others could read it", () => {
      const environment = contract.create().getEnvironment(config({ prompt: HOSTILE }));
      for (const value of Object.values(environment)) expect(value).not.toContain("touch /tmp/never");
    });

    test("reads any screen without throwing", () => {
      const agent = contract.create();
      for (const screen of ["", "\n\n", "$ ", "\u001b[2J\u0000\ufffd", "x".repeat(100_000)]) {
        expect(ActivityState.options).toContain(agent.detectActivity(screen));
      }
    });

    test("reports nothing about a session that it has not seen", async () => {
      const agent = contract.create();
      const session = pluginSession({ agentConfig: contract.agentConfig ?? {} });
      expect(await agent.getActivityState(session)).toBe(null);
      expect(await agent.getSessionInfo(session)).toBe(null);
    });

    test("throws, instead of returning false, if the handle names no process", async () => {
      const handle = { id: "x", runtimeName: "other", data: {} };
      await expect(contract.create().isProcessRunning(handle)).rejects.toThrow();
    });

    const { handles } = contract;
    if (handles !== undefined) {
      test("distinguishes a live process from one that is gone", async () => {
        const agent = contract.create();
        const handle = (data: Record<string, unknown>) => ({ id: "x", runtimeName: "process", data });
        expect(await agent.isProcessRunning(handle(handles.alive()))).toBe(true);
        expect(await agent.isProcessRunning(handle(handles.gone()))).toBe(false);
      });
    }
  });
}
