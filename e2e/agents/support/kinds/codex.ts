import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentKind, Stage } from "../agent-kind.ts";

export const codex = (name: string, bin: string, version: string): AgentKind => ({
  name,
  plugin: "codex",
  version,
  bin,
  env: () => ({ SCRIPTED_KEY: "dummy" }),
  seed,
  agentConfig: { permissions: "edits", allow: ["sh tick.sh"] },
  leave: [["-l", "/quit"], ["Enter"]],
  lacks: {
    hooks: "its hooks are not given as a settings file",
    question: "its question tool answers itself outside of plan mode (0.169)",
  },
});

/** A provider of the user's own, no update checks, and the folder trusted. */
function seed({ home, repo, modelUrl }: Stage): void {
  mkdirSync(join(home, ".codex"), { recursive: true });
  writeFileSync(
    join(home, ".codex/config.toml"),
    `model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.scripted]
name = "Scripted"
base_url = "${modelUrl}/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
[projects.${JSON.stringify(repo)}]
trust_level = "trusted"
`,
  );
}
