import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentKind, Stage } from "../agent-kind.ts";

const KEY = "sk-ant-scripted-00000000000000000000";

export const claudeCode = (name: string, bin: string, version: string): AgentKind => ({
  name,
  plugin: "claude-code",
  version,
  bin,
  env: ({ modelUrl, retries }) => ({
    ...(retries === undefined ? {} : { CLAUDE_CODE_MAX_RETRIES: String(retries) }),
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
    IS_SANDBOX: "1",
  }),
  seed,
  agentConfig: { permissions: "edits", allow: ["sh tick.sh"] },
  leave: [["-l", "/exit"], ["Enter"]],
  lacks: {},
});

/** What every user of Claude Code has done once: the first run, approving the key, trusting the folder. */
function seed({ home, repo }: Stage): void {
  mkdirSync(join(home, ".claude"), { recursive: true });
  writeFileSync(
    join(home, ".claude.json"),
    JSON.stringify({
      hasCompletedOnboarding: true,
      customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
      projects: { [repo]: { hasTrustDialogAccepted: true } },
    }),
  );
}
