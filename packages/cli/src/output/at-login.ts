import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { userHome } from "@agent-orchestrator/core/host/user";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Context } from "../command.ts";
import { daemonArgv, daemonEnv } from "../connect/start-daemon.ts";
import { runChild } from "./child.ts";

interface Unit {
  path: string;
  text: string;
  /** The command that registers it with the system. */
  enable: string[];
}

/** Writes the unit that starts the daemon at login, and registers it. */
export async function startAtLogin(context: Context): Promise<number> {
  const { io } = context;
  const unit = io.platform === "darwin" ? launchAgent(context) : systemdUnit(context);
  try {
    mkdirSync(dirname(unit.path), { recursive: true });
    writeFileSync(unit.path, unit.text, { mode: 0o600 });
  } catch (cause) {
    throw new AoError("UNAVAILABLE", `cannot write ${unit.path}`, { cause });
  }
  const isEnabled = await tryEnable(context, unit.enable);
  const data = { path: unit.path, isEnabled, command: unit.enable };
  const rest = isEnabled ? "The daemon starts at every login." : `To enable it, run: ${unit.enable.join(" ")}`;
  context.show(data, () => `wrote ${unit.path}\n${rest}\n`);
  return 0;
}

/** Where the unit is, if there is one. */
export const loginUnit = (context: Context): string =>
  (context.io.platform === "darwin" ? launchAgent(context) : systemdUnit(context)).path;

async function tryEnable({ io }: Context, argv: readonly string[]): Promise<boolean> {
  try {
    return (await runChild(argv, { env: io.env, isCaptured: true })).status === 0;
  } catch {
    return false; // the program is missing: the user gets the command
  }
}

const KEPT = /^(AO_HOME|PATH|HOME|LANG|LC_[A-Z]+|SHELL|XDG_[A-Z_]+|SSH_AUTH_SOCK)$/;

function environmentOf({ io, home }: Context): [string, string][] {
  return Object.entries(daemonEnv(io, home)).filter(([name, value]) => KEPT.test(name) && !/[\n\r]/.test(value));
}

function systemdUnit(context: Context): Unit {
  const { io } = context;
  const folder = io.env.XDG_CONFIG_HOME || join(userHome(io.env), ".config");
  const quote = (word: string) => `"${word.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
  const lines = [
    "[Unit]",
    "Description=ao: orchestrates coding agents",
    "",
    "[Service]",
    `ExecStart=${daemonArgv(io).map(quote).join(" ")}`,
    ...environmentOf(context).map(([name, value]) => `Environment=${quote(`${name}=${value}`).replaceAll("$$", "$")}`),
    "Restart=on-failure",
    "RestartPreventExitStatus=73 75 78",
    "# Agents keep running when the daemon stops.",
    "KillMode=process",
    "",
    "[Install]",
    "WantedBy=default.target",
  ];
  return {
    path: join(folder, "systemd", "user", "ao.service"),
    text: `${lines.join("\n")}\n`,
    enable: ["systemctl", "--user", "enable", "ao.service"],
  };
}

function launchAgent(context: Context): Unit {
  const { io } = context;
  const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const strings = (items: readonly string[]) => items.map((item) => `    <string>${xml(item)}</string>`).join("\n");
  const environment = environmentOf(context).map(
    ([name, value]) => `    <key>${name}</key>\n    <string>${xml(value)}</string>`,
  );
  const path = join(userHome(io.env), "Library", "LaunchAgents", "dev.agent-orchestrator.ao.plist");
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>dev.agent-orchestrator.ao</string>
  <key>ProgramArguments</key>
  <array>
${strings(daemonArgv(io))}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${environment.join("\n")}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>AbandonProcessGroup</key>
  <true/>
</dict>
</plist>
`;
  return { path, text, enable: ["launchctl", "load", "-w", path] };
}
