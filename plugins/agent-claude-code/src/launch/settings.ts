import { realFolder } from "@agent-orchestrator/agent-kit/launch";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { allowedCommands, type PermissionMode } from "@agent-orchestrator/plugin-kit/permissions";
import { hookSettings, statusLineCommand } from "../hooks/commands.ts";
import type { Options } from "../options.ts";
import { type LaunchNote, placesIn } from "./note.ts";
import { localRules, userStatusLine } from "./user-settings.ts";

/** The settings of one session. They override the user's and the project's own, and are not written anywhere else. */
export function settingsFor(options: Options, config: AgentLaunchConfig, note: LaunchNote): Record<string, unknown> {
  const { drop, asks } = placesIn(config.sessionDir);
  const line = userStatusLine(note.configDir, note.cwd);
  const isWorktree = realFolder(config.workspacePath) !== realFolder(config.projectConfig.path);
  const local = isWorktree ? localRules(config.projectConfig.path) : { allow: [], deny: [], ask: [] };
  const allow = [...new Set([...toRules(options.permissions, options.allow), ...local.allow, ...note.allowed])];
  return {
    hooks: hookSettings(drop, asks),
    statusLine: {
      type: "command",
      command: statusLineCommand(drop, line?.command ?? null),
      ...(line?.padding === undefined ? {} : { padding: line.padding }),
    },
    permissions: {
      allow,
      ...(local.deny.length === 0 ? {} : { deny: local.deny }),
      ...(local.ask.length === 0 ? {} : { ask: local.ask }),
    },
    // The user chose `skip` in their config. The program would ask the same again.
    ...(options.permissions === "skip" ? { skipDangerousModePermissionPrompt: true } : {}),
  };
}

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
