import { realFolder } from "@agent-orchestrator/agent-kit/launch";
import type { AgentLaunchConfig } from "@agent-orchestrator/core/slots/agent";
import { hookSettings, statusLineCommand } from "./hook-commands.ts";
import { type LaunchNote, placesIn } from "./launch-note.ts";
import type { Options } from "./options.ts";
import { toRules } from "./rules.ts";
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
