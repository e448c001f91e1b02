import { readdirSync, readFileSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { toIso } from "@agent-orchestrator/core/host/clock";
import { ensureDir, removeIfThere } from "@agent-orchestrator/core/host/files";
import { realFs } from "@agent-orchestrator/core/host/fs-port";
import type { ProcessInfo } from "@agent-orchestrator/core/slots/runtime";
import { putFile } from "@agent-orchestrator/plugin-kit/files/folders";
import type { ProcessRef } from "@agent-orchestrator/plugin-kit/process";

export interface LaunchRecord {
  agent: ProcessRef;
  /** Its parent, which leads the POSIX session of the pane. */
  runner: ProcessRef;
}

/** The runners' records, in one flat folder so that one watcher sees all: `{session name}.{intent}.{launch|pid|exit}`. */
export class Records {
  readonly dir: string;
  /** Written once in a launch's life, and read every other second. */
  readonly #started = new Map<string, LaunchRecord>();

  constructor(dir: string) {
    this.dir = dir;
  }

  path(key: string): string {
    return join(this.dir, key);
  }

  open(): void {
    ensureDir(this.dir);
  }

  /** Mode 0600, because it contains the environment. */
  writeLaunch(key: string, text: string): void {
    putFile(`${this.path(key)}.launch`, text);
  }

  /** Written by a rename, and only if it differs, because a shell reads its script while it runs. */
  writeOnce(path: string, text: string): void {
    if (read(path) === text) return;
    putFile(path, text);
  }

  /** Null if the program was not started, or its records were removed. */
  readPid(key: string): LaunchRecord | null {
    const known = this.#started.get(key);
    if (known !== undefined) return known;
    const lines = read(`${this.path(key)}.pid`)?.split("\n") ?? [];
    const [pid, startId, runnerPid, runnerStartId] = lines.map((line) => line.trim());
    if (!startId || !runnerStartId || !/^[1-9]\d*$/.test(`${pid}`) || !/^[1-9]\d*$/.test(`${runnerPid}`)) return null;
    const agent = { pid: Number(pid), startId };
    const record = { agent, runner: { pid: Number(runnerPid), startId: runnerStartId } };
    this.#started.set(key, record);
    return record;
  }

  readExit(key: string): ProcessInfo["exit"] {
    const path = `${this.path(key)}.exit`;
    const text = read(path);
    if (text === null || !/^\d+\n$/.test(text)) return null;
    return { ...exitOf(Number(text)), at: toIso(statSync(path).mtimeMs) };
  }

  /** The keys of all launches with records, of this session name or of all. */
  keys(name?: string): string[] {
    let files: string[];
    try {
      files = readdirSync(this.dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
    const keys = new Set<string>();
    for (const file of files) {
      const match = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\./.exec(file);
      if (match !== null && (name === undefined || match[1] === name)) keys.add(`${match[1]}.${match[2]}`);
    }
    return [...keys];
  }

  remove(key: string): void {
    this.#started.delete(key);
    for (const suffix of ["launch", "launch.new", "pid", "pid.tmp", "exit", "exit.tmp"]) {
      removeIfThere(realFs, `${this.path(key)}.${suffix}`);
    }
  }
}

/** A shell reports a death by a signal as 128 + its number. Programs that catch a signal do the same. */
function exitOf(status: number): { code: number | null; signal: string | null } {
  const signal = Object.entries(constants.signals).find(([, number]) => status === 128 + number)?.[0];
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
