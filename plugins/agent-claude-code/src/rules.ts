import { allowedCommands, type PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";

/** A rule in Claude's own syntax: a tool, perhaps with a pattern. */
const OWN_RULE = /^(?:[A-Z][A-Za-z]*(?:\(.*\))?|mcp__[\w-]+)$/s;

/** The entries of `allow` as Claude's rules: a command that begins with one may run. */
export function toRules(mode: PermissionMode, allow: readonly string[]): string[] {
  return allowedCommands(mode, allow).map((each) => (OWN_RULE.test(each) ? each : `Bash(${each}:*)`));
}

const MODES: Readonly<Record<PermissionMode, string>> = {
  default: "default",
  edits: "acceptEdits",
  auto: "auto",
  skip: "bypassPermissions",
};

export const modeWord = (mode: PermissionMode): string => MODES[mode];
