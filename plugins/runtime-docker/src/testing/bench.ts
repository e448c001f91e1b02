import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { Runtime, RuntimeCreateConfig, RuntimeFact } from "@agent-orchestrator/core/slots/runtime";
import type { TestEngine } from "@agent-orchestrator/testkit/dockerd";
import { pluginContext } from "@agent-orchestrator/testkit/plugin-context";
import { makeTempDir, removeDir, tempDir } from "@agent-orchestrator/testkit/temp-dir";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { create } from "../index.ts";

/** Builds the attach client as the distribution does. Returns its folder, which the caller removes. */
export async function buildHelpers(): Promise<{ dir: string; remove(): void }> {
  const here = join(dirname(fileURLToPath(import.meta.url)), "..");
  const dir = makeTempDir("ao-helpers");
  await build({
    entryPoints: [join(here, "docker-attach-entry.ts")],
    outdir: dir,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
  });
  return { dir, remove: () => removeDir(dir) };
}

export interface Bench {
  context: PluginContext;
  runtime: Runtime;
  workspacePath: string;
  /** A second instance over the same folders: the daemon after a restart. */
  again(): Runtime;
  start(argv: string[], more?: Partial<RuntimeCreateConfig>): Promise<RuntimeHandle>;
  facts(handle: RuntimeHandle, by?: Runtime): Promise<RuntimeFact[]>;
}

let count = 0;

/** A runtime over temporary folders. What it started ends with the test. */
export function bench(engine: TestEngine, options: Record<string, unknown> = {}): Bench {
  const context = pluginContext();
  const workspacePath = join(tempDir("ao-ws"), "checkout");
  mkdirSync(workspacePath);
  const make = (): Runtime => {
    const made = create({ ...engine.options, ...options }, context);
    onTestFinished(() => made.close?.());
    return made;
  };
  const runtime = make();
  const handles: RuntimeHandle[] = [];
  onTestFinished(async () => {
    for (const handle of handles) await runtime.destroy(handle);
  });
  return {
    context,
    runtime,
    workspacePath,
    again: make,
    async start(argv, more = {}) {
      const sessionId = `app-${++count}`;
      const handle = await runtime.create({
        sessionId,
        workspacePath,
        launchCommand: "",
        argv,
        environment: { ...context.env(), AO_SESSION_ID: sessionId, AO_HOME: context.home },
        instanceId: "0123456789ab",
        intentId: `intent-${count}`,
        sessionDir: join(context.home, "private", sessionId),
        ...more,
      });
      handles.push(handle);
      return handle;
    },
    async facts(handle, by = runtime) {
      const seen: RuntimeFact[] = [];
      const watching = await by.watch?.(handle, (fact) => void seen.push(fact));
      onTestFinished(() => watching?.stop());
      return seen;
    },
  };
}
