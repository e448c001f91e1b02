import { accessSync, constants, existsSync, statSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { Context } from "../command.ts";
import { readDaemonFile, socketPathOf } from "../connect/home.ts";
import { lockOwner } from "../connect/lock-owner.ts";
import { runChild } from "./child.ts";
import type { Io } from "./io.ts";
import { PLUGIN_PROGRAMS } from "./plugin-words.ts";

/** The checks that need no daemon. */
export async function clientRows({ io, home }: Context): Promise<DoctorRow[]> {
  return [
    nodeRow(io),
    await programRow(io, { argv: ["git", "--version"], hint: "Install git, 2.38 or newer." }),
    ...(await Promise.all(PLUGIN_PROGRAMS.map((program) => programRow(io, program)))),
    homeRow(home),
  ];
}

/** A daemon that runs and whose socket is missing. It makes another within a second, so this is seen before it is asked. */
export function socketRows({ home }: Pick<Context, "home">): DoctorRow[] {
  const path = socketPathOf(home, readDaemonFile(home));
  if (path !== null && existsSync(path)) return [];
  const owner = lockOwner(home);
  if (owner === null) return [];
  const text = `the daemon (pid ${owner.pid}) runs, but its socket${path === null ? "" : ` ${path}`} is missing`;
  const hint = "It makes a new one within seconds, unless a signal has stopped it. `ao restart` replaces it.";
  return [{ area: "daemon", level: "warning", text, hint }];
}

function nodeRow({ nodeVersion }: Io): DoctorRow {
  const isEnough = Number.parseInt(nodeVersion, 10) >= 20;
  const row: DoctorRow = { area: "node", level: isEnough ? "ok" : "error", text: `Node ${nodeVersion}` };
  return isEnough ? row : { ...row, hint: "Install Node 20 or newer." };
}

async function programRow(io: Io, { argv, hint }: { argv: readonly string[]; hint: string }): Promise<DoctorRow> {
  const area = argv[0] as string;
  try {
    const { status, stdout } = await runChild([...argv], { env: io.env, isCaptured: true });
    if (status === 0) return { area, level: "ok", text: stdout.trim() };
    return { area, level: "error", text: `${argv.join(" ")} exited with ${status}`, hint };
  } catch (error) {
    if (!(error instanceof AoError)) throw error;
    return { area, level: "error", text: error.message, hint };
  }
}

function homeRow(home: string): DoctorRow {
  try {
    const { mode, uid } = statSync(home);
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK);
    if (uid !== process.getuid?.())
      return { area: "home", level: "error", text: `${home} belongs to another user`, hint: "Set AO_HOME." };
    if ((mode & 0o077) === 0) return { area: "home", level: "ok", text: home };
    return { area: "home", level: "warning", text: `${home} can be read by others`, hint: `chmod 700 ${home}` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return { area: "home", level: "ok", text: `${home} will be created` };
    return {
      area: "home",
      level: "error",
      text: `${home} cannot be used (${code})`,
      hint: "Fix its permissions, or set AO_HOME.",
    };
  }
}
