import { join } from "node:path";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { exec } from "@agent-orchestrator/plugin-kit/exec";
import { serverConf } from "./conf.ts";

/** The only variables that our tmux gets. Each session has its own environment. */
const KEPT = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "XDG_RUNTIME_DIR"];

/** What a pane inherits from the server and a session must not have. */
export const INHERITED: readonly string[] = [...KEPT, "SHELL", "COLORTERM"];

export function baseEnv(context: PluginContext): Record<string, string> {
  const all = context.env();
  const kept: Record<string, string> = { TERM: "xterm-256color", SHELL: "/bin/sh" };
  for (const name of KEPT) if (all[name] !== undefined) kept[name] = all[name];
  return kept;
}

export async function confText(context: PluginContext): Promise<string> {
  const terminal = (await hasTerminfo(context, "tmux-256color")) ? "tmux-256color" : "screen-256color";
  return serverConf({ userConf: join(context.home, "tmux.conf"), terminal });
}

/** macOS has no tmux-256color, and a program in an unknown terminal does not start. */
async function hasTerminfo(context: PluginContext, terminal: string): Promise<boolean> {
  try {
    await exec("infocmp", [terminal], { env: baseEnv(context), timeoutMs: 2_000 });
    return true;
  } catch {
    return false; // It is unknown there, or there is no infocmp. The older name is known everywhere.
  }
}
