import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { Runtime, RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { onTestFinished } from "vitest";
import { createTmuxRuntime } from "../runtime.ts";

export interface Bench {
  context: PluginContext;
  runtime: Required<Runtime>;
  workspacePath: string;
  /** A second instance over the same folders: the daemon after a restart. */
  again(): Required<Runtime>;
  start(argv: string[], more?: Partial<RuntimeCreateConfig>): Promise<RuntimeHandle>;
  /** Our server's command line, for what only a test may do. */
  tmux(...args: string[]): string;
}

let count = 0;

/** A runtime over temporary folders. Its server and all programs end with the test. */
export function bench(overrides: Partial<PluginContext> = {}): Bench {
  const context = pluginContext(overrides);
  const workspacePath = join(tempDir("ao-ws"), "checkout");
  mkdirSync(workspacePath);
  const all: Runtime[] = [];
  const handles: RuntimeHandle[] = [];
  const make = (): Required<Runtime> => {
    const made = createTmuxRuntime(context, { program: "tmux", graceMs: 1_500 });
    all.push(made);
    return made;
  };
  const runtime = make();
  onTestFinished(async () => {
    // One at a time, like daemons: each ends the connections of the earlier ones.
    for (const each of all) await each.close?.();
    const last = make();
    await Promise.all(handles.map((handle) => last.destroy(handle)));
    await last.close();
  });
  return {
    context,
    runtime,
    workspacePath,
    again: make,
    async start(argv, more = {}) {
      const sessionId = more.sessionId ?? `app-${++count}`;
      const handle = await runtime.create({
        sessionId,
        workspacePath,
        launchCommand: "never",
        argv,
        environment: { ...context.env(), AO_SESSION_ID: sessionId, AO_HOME: context.home },
        instanceId: "0123456789ab",
        intentId: `intent-${++count}`,
        sessionDir: join(context.home, "session", sessionId),
        ...more,
      });
      handles.push(handle);
      return handle;
    },
    tmux: (...args) =>
      execFileSync("tmux", ["-S", join(context.socketDir, "tmux"), ...args], { encoding: "utf8", stdio: "pipe" }),
  };
}
