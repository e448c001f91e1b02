import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Agent, AgentFinding, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { describe, expect, test } from "vitest";
import { projectConfig } from "../plugin-context.ts";
import { pluginSession } from "../session.ts";
import { tempDir } from "../temp-dir.ts";
import type { AgentAtWork } from "./agent-at-work.ts";
import { AT_WORK } from "./agent-clauses.ts";

export interface AgentContract {
  /** Called in each test. */
  create(): Agent;
  agentConfig?: Record<string, unknown>;
  /** Called in each test that needs a program. */
  atWork(): Promise<AgentAtWork>;
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

    test("keeps the prompt out of the environment, where others could read it", async () => {
      const agent = contract.create();
      const asked = config({ prompt: HOSTILE });
      const spec = await agent.getLaunchSpec?.(asked);
      for (const value of Object.values({ ...agent.getEnvironment(asked), ...spec?.env })) {
        expect(value).not.toContain("touch /tmp/never");
      }
    });

    test("does not lose the first prompt: the launch has it, or it is typed", async () => {
      const agent = contract.create();
      const spec = await agent.getLaunchSpec?.(config());
      expect(spec?.promptDelivered === false ? agent.promptDelivery : "post-launch").toBe("post-launch");
    });

    test("cannot resume a conversation that never was, or returns a launch for it", async () => {
      const { prompt: _, promptFile: __, ...quiet } = config();
      const spec = await contract.create().getLaunchSpec?.({ ...quiet, resume: { agentSessionId: null } });
      if (spec != null) expect(spec.argv.length).toBeGreaterThan(0);
    });

    test("a missing program is an error for `ao doctor`, and is refused before anything is created", async () => {
      const agent = contract.create();
      const nothing = { agentConfig: contract.agentConfig ?? {}, env: emptyEnv() };
      if (agent.examine !== undefined) {
        const levels = wellFormed(await agent.examine(nothing)).map(({ level }) => level);
        expect(levels).toContain("error");
      }
      if (agent.preflight !== undefined) {
        await expect(agent.preflight(nothing)).rejects.toMatchObject({ code: "UNAVAILABLE" });
      }
    });

    test("finds its program, and says something about it whatever its version is", async ({ skip }) => {
      const agent = contract.create();
      if (agent.examine === undefined) return skip("it has no examine");
      const { agentConfig = {} } = contract;
      const missing = await agent.examine({ agentConfig, env: emptyEnv() });
      const found = wellFormed(await agent.examine({ agentConfig, env: envWith(agent.processName) }));
      expect(found.length).toBeGreaterThan(0);
      for (const { text } of missing.filter(({ level }) => level === "error")) {
        expect(found.map((finding) => finding.text)).not.toContain(text);
      }
    });

    test("has no transcript of a session that it has not seen", async () => {
      const session = pluginSession({ sessionDir: tempDir("ao-unseen"), agentConfig: contract.agentConfig ?? {} });
      expect((await contract.create().getTranscript?.(session, { maxBytes: 1_000 })) ?? null).toBe(null);
    });

    for (const clause of AT_WORK) {
      test(`${clause.method}: ${clause.name}`, async ({ skip }) => {
        const at = await contract.atWork();
        if (at.agent[clause.method] === undefined) return skip(`it has no ${clause.method}`);
        if (clause.appliesTo?.(at) === false) return skip("it does not say so of itself");
        await clause.check(at, PATIENCE_MS);
      });
    }
  });
}

/** For a program on a busy machine. */
const PATIENCE_MS = 15_000;

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
