import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { shellQuote } from "@agent-orchestrator/plugin-kit/quote";
import { INHERITED } from "./base.ts";

/** Names that belong to the pane, that the shell sets itself, or that it rejects. */
const NOT_EXPORTED = new Set(
  (
    "TERM TMUX TMUX_PANE TERM_PROGRAM TERM_PROGRAM_VERSION COLUMNS LINES PWD OLDPWD SHLVL _ IFS OPTIND OPTARG OPTERR LINENO " +
    "PPID UID EUID GROUPS BASHOPTS SHELLOPTS BASH_VERSINFO BASHPID PS4"
  ).split(" "),
);

/** Shell code that sets the environment, changes into the folder and leaves the program and its arguments in `$@`. */
export function launchText(config: RuntimeCreateConfig, marks: Readonly<Record<string, string>>): string {
  const lines = [`cd -- ${shellQuote(config.workspacePath)} || exit 126`];
  lines.push(`unset OLDPWD ${INHERITED.join(" ")}`);
  const environment = { COLORTERM: "truecolor", ...config.environment, ...marks };
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || NOT_EXPORTED.has(name) || value.includes("\0")) continue;
    lines.push(`export ${name}=${shellQuote(value)}`);
  }
  const argv = config.argv ?? ["/bin/sh", "-c", config.launchCommand];
  lines.push(`set -- ${argv.map(shellQuote).join(" ")}`);
  return `${lines.join("\n")}\n`;
}
