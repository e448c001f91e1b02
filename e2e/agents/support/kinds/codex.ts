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
  // Its question tool answers itself unless this is turned on.
  agentConfig: { permissions: "edits", allow: ["sh tick.sh"], args: ["--enable", "default_mode_request_user_input"] },
  leave: [["-l", "/quit"], ["Enter"]],
  lacks: {
    hooks: "its plugin uses no hooks",
    subagent: "its sub-agents are tools of a namespace, which the scripted model does not have",
  },
});

/** A user's own provider, no update checks, and the folder trusted. */
function seed({ home, repo, modelUrl, retries }: Stage): void {
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
${retries === undefined ? "" : `request_max_retries = ${retries}\nstream_max_retries = ${retries}`}
[projects.${JSON.stringify(repo)}]
trust_level = "trusted"
`,
  );
}
