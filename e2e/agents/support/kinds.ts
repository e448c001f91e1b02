import type { AgentKind } from "./agent-kind.ts";
import { aider } from "./kinds/aider.ts";
import { claudeCode } from "./kinds/claude-code.ts";
import { codex } from "./kinds/codex.ts";
import { openCode } from "./kinds/opencode.ts";
import { openCodeByAcp } from "./kinds/opencode-acp.ts";

const MAKERS: Record<string, (name: string, bin: string, version: string) => AgentKind> = {
  "aider-simulated": aider,
  "claude-code": claudeCode,
  "claude-code-newest": claudeCode,
  codex,
  opencode: openCode,
  "opencode-acp": openCodeByAcp,
};

/** The agents that `npm run test:agents` installed for this run. */
export const kinds: AgentKind[] = Object.entries(
  JSON.parse(process.env.AO_TEST_AGENT_PROGRAMS ?? "{}") as Record<string, { bin: string; version: string }>,
).flatMap(([name, { bin, version }]) => {
  const make = MAKERS[name];
  return make === undefined ? [] : [make(name, bin, version)];
});
