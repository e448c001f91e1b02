import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { userHome } from "@agent-orchestrator/core/host/user";

/** `$AO_HOME`, or its default. */
export function homeOf(env: Readonly<Record<string, string>>): string {
  const chosen = env.AO_HOME?.trim() ?? "";
  if (chosen === "") return join(userHome(env), ".agent-orchestrator");
  return resolve(chosen === "~" || chosen.startsWith("~/") ? join(userHome(env), chosen.slice(1)) : chosen);
}

/** What the daemon wrote about itself. It may be out of date. */
export interface DaemonFile {
  pid: number | null;
  /** Tells the process from a later one with the same pid. */
  startId: string | null;
  socket: string | null;
  build: string | null;
}

export function readDaemonFile(home: string): DaemonFile {
  try {
    const found = JSON.parse(readFileSync(join(home, "daemon", "daemon.json"), "utf8")) as Record<string, unknown>;
    return {
      pid: typeof found.pid === "number" ? found.pid : null,
      startId: typeof found.startId === "string" ? found.startId : null,
      socket: typeof found.socket === "string" ? found.socket : null,
      build: typeof found.build === "string" ? found.build : null,
    };
  } catch {
    return { pid: null, startId: null, socket: null, build: null }; // no daemon has run yet, or the file is being replaced
  }
}

/** Node cuts a path that is too long for the kernel, and connects to that. */
const MAX_SOCKET_PATH = 100;

/** Where the daemon listens, or null if the path should be in its file and is not. */
export function socketPathOf(home: string, file: DaemonFile): string | null {
  const usual = join(home, "daemon", "ao.sock");
  const path = file.socket ?? usual;
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH ? path : null;
}
