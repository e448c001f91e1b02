import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@agent-orchestrator/core/host/clock";
import type { Agent, AgentFact, AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { PluginContext, Session } from "@agent-orchestrator/core/slots/common";
import { launchConfig } from "@agent-orchestrator/testkit/contracts/agent";
import { pluginContext, projectConfig } from "@agent-orchestrator/testkit/plugin-context";
import { pluginSession } from "@agent-orchestrator/testkit/session";
import { makeTempDir, removeDir } from "@agent-orchestrator/testkit/temp-dir";
import { waitFor } from "@agent-orchestrator/testkit/wait-for";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { create } from "../index.ts";
import { type HostProcess, startHost } from "./host-process.ts";

/** Builds the host as the distribution does, and the stand-in agent. Returns their folder, which the caller removes. */
export async function buildPrograms(): Promise<{ dir: string; remove(): void }> {
  const here = dirname(fileURLToPath(import.meta.url));
  const dir = makeTempDir("ao-acp");
  await build({
    entryPoints: [join(here, "../acp-host-entry.ts"), join(here, "stand-in-entry.ts")],
    outdir: dir,
    entryNames: "[name]",
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    logLevel: "error",
  });
  return { dir, remove: () => removeDir(dir) };
}

export interface Bench {
  agent: Agent;
  context: PluginContext;
  session: Session;
  config: AgentLaunchConfig;
  /** What was reported so far. */
  facts: AgentFact[];
  /** What the stand-in recorded. */
  asked(): Record<string, unknown>[];
  launch(more?: Partial<AgentLaunchConfig>): Promise<HostProcess>;
  /** A daemon that listens from now on. */
  watch(): Promise<{ stop(): Promise<void> }>;
  /** The last reported state. */
  state(): string | null;
  until(state: string): Promise<Extract<AgentFact, { kind: "activity" }>["activity"]>;
  send(text: string, id?: string): Promise<unknown>;
}

/** A plugin with a structured protocol does not look at a screen. */
export const NO_TERMINAL: AgentTerminal = {
  screen: async () => null,
  write: () => Promise.reject(new Error("nothing is typed")),
  press: () => Promise.reject(new Error("nothing is pressed")),
};

let count = 0;

export function bench(programs: string, agentConfig: Record<string, unknown> = {}, flags: string[] = []): Bench {
  const home = makeTempDir("acp");
  onTestFinished(() => removeDir(home));
  const context = pluginContext({ home, programsDir: programs });
  const own = { command: [process.execPath, join(programs, "stand-in-entry.js"), ...flags], ...agentConfig };
  const config = launchConfig({ prompt: "say hello", sessionDir: join(home, "session"), agentConfig: own });
  mkdirSync(config.sessionDir, { mode: 0o700 });
  const project = projectConfig({ path: config.workspacePath });
  const agent = create({}, context);
  const session = pluginSession({
    sessionDir: config.sessionDir,
    workspacePath: config.workspacePath,
    agentConfig: own,
  });
  const log = join(home, "asked.jsonl");
  const facts: AgentFact[] = [];
  const activities = () => facts.flatMap((fact) => (fact.kind === "activity" ? [fact.activity] : []));
  const means = { terminal: NO_TERMINAL };
  return {
    agent,
    context,
    session,
    config,
    facts,
    asked: () => lines(log),
    async launch(more = {}) {
      const spec = await agent.getLaunchSpec?.({ ...config, projectConfig: project, ...more });
      if (spec == null) throw new Error("no launch");
      const env = { ...context.env(), ...spec.env, STAND_IN_LOG: log };
      const host = startHost(spec.argv, { cwd: config.workspacePath, env });
      onTestFinished(() => host.kill());
      return host;
    },
    async watch() {
      const observation = await agent.observe?.(session, (fact) => facts.push(fact), means);
      const stop = async () => observation?.stop();
      onTestFinished(stop);
      return { stop };
    },
    state: () => activities().at(-1)?.state ?? null,
    until: (state) =>
      waitFor(() => activities().find((each, at, all) => at === all.length - 1 && each.state === state), {
        what: `the state ${state} (last: ${JSON.stringify(activities().at(-1))})`,
      }),
    send: async (text, id = `m-${++count}`) => agent.deliver?.(session, { id, text }, means),
  };
}

function lines(file: string): Record<string, unknown>[] {
  try {
    return readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  } catch {
    return []; // Nothing asked so far.
  }
}

export const settle = (): Promise<void> => systemClock.sleep(0);
