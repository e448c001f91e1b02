import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentKind, Stage } from "../agent-kind.ts";

const OFFLINE = {
  OPENCODE_DISABLE_AUTOUPDATE: "1",
  OPENCODE_DISABLE_MODELS_FETCH: "1",
  OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
};

export const openCode = (name: string, bin: string, version: string): AgentKind => ({
  name,
  plugin: "opencode",
  version,
  bin,
  env: () => OFFLINE,
  seed: seedOpenCode,
  agentConfig: { permissions: "edits", allow: ["sh tick.sh"] },
  leave: [["-l", "/exit"], ["Enter"]],
  lacks: { hooks: "it has an event stream instead of hooks" },
});

/** Runs it once, because several first runs at the same time disturb each other (1.18.33: one of three hangs). */
function runOnce({ home, bin }: Stage): void {
  const env = { ...OFFLINE, HOME: home, PATH: `${bin}:${process.env.PATH}` };
  execFileSync("opencode", ["session", "list"], { cwd: home, env, stdio: "ignore", timeout: 120_000 });
}

/** A user's own provider and model, with prices. It was run before. */
export function seedOpenCode(stage: Stage, more: Record<string, unknown> = {}): void {
  const { home, modelUrl } = stage;
  mkdirSync(join(home, ".config/opencode"), { recursive: true });
  writeFileSync(
    join(home, ".config/opencode/opencode.json"),
    JSON.stringify({
      $schema: "https://opencode.ai/config.json",
      autoupdate: false,
      share: "disabled",
      model: "scripted/scripted-1",
      small_model: "scripted/scripted-1",
      ...more,
      enabled_providers: ["scripted"],
      provider: {
        scripted: {
          npm: "@ai-sdk/openai-compatible",
          name: "Scripted",
          options: { baseURL: `${modelUrl}/v1`, apiKey: "dummy" },
          models: {
            "scripted-1": {
              name: "Scripted One",
              tool_call: true,
              cost: { input: 3, output: 15 },
              limit: { context: 200_000, output: 8_000 },
            },
          },
        },
      },
    }),
  );
  runOnce(stage);
}
