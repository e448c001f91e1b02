import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { Runtime, RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { create } from "./index.ts";

/** Builds the runner and the attach client as the distribution does. Answers their folder; remove it in the end. */
export async function buildHelpers(): Promise<{ dir: string; remove(): void }> {
  const here = dirname(fileURLToPath(import.meta.url));
  const dir = makeTempDir("ao-helpers");
  await build({
    entryPoints: { runner: join(here, "runner/runner.ts"), "runner-attach": join(here, "runner/attach.ts") },
    outdir: dir,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    outExtension: { ".js": ".js" },
    banner: { js: "" },
  });
  return { dir, remove: () => removeDir(dir) };
}

export interface Bench {
  context: PluginContext;
  runtime: Runtime;
  workspacePath: string;
  /** A second instance over the same folders: the daemon after a restart. */
  again(): Runtime;
  start(script: string, more?: Partial<RuntimeCreateConfig>): Promise<RuntimeHandle>;
}

let count = 0;

/** A runtime over temporary folders; what it started is ended with the test. */
export function bench(programsDir: string, options: Record<string, unknown> = {}): Bench {
  const context = pluginContext({ programsDir });
  const workspacePath = join(tempDir("ao-ws"), "checkout");
  mkdirSync(workspacePath);
  const make = (): Runtime => {
    const made = create({ graceMs: 500, ...options }, context);
    onTestFinished(() => made.close?.());
    return made;
  };
  const runtime = make();
  const handles: RuntimeHandle[] = [];
  onTestFinished(async () => {
    for (const handle of handles) await runtime.destroy(handle);
  });
  const sessionDir = join(context.home, "session");
  return {
    context,
    runtime,
    workspacePath,
    again: make,
    async start(script, more = {}) {
      const sessionId = more.sessionId ?? `app-${++count}`;
      const handle = await runtime.create({
        sessionId,
        workspacePath,
        launchCommand: script,
        environment: { ...context.env(), AO_SESSION_ID: sessionId, AO_HOME: context.home },
        instanceId: "0123456789ab",
        intentId: `intent-${++count}`,
        sessionDir: join(sessionDir, sessionId),
        ...more,
      });
      handles.push(handle);
      return handle;
    },
  };
}
