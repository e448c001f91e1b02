import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Identifies one process permanently: a pid alone may be reused a second later. Only node's own modules are used
 * here, because small helper programs are built from it.
 */
export interface ProcessRef {
  pid: number;
  startId: string;
}

export interface ProcessRow extends ProcessRef {
  parent: number;
  /** The POSIX session it belongs to: the pid of the session's leader. */
  session: number;
  isZombie: boolean;
  /** Stopped by a signal, as Ctrl-Z does: it reads nothing before it is continued. */
  isStopped: boolean;
  rssBytes: number;
  cpuMs: number;
}

const isLinux = process.platform === "linux";
const PAGE_BYTES = 4096;
const TICK_MS = 10;
let bootId: string | undefined;

function readBootId(): string {
  bootId ??= readOrNull("/proc/sys/kernel/random/boot_id")?.trim() ?? "no-boot-id";
  return bootId;
}

/** Opaque; with the pid it names one process. null: there is no such process. A zombie has ended, and counts as none. */
export function startIdOf(pid: number): string | null {
  return lookUp(pid)?.startId ?? null;
}

/** undefined: there is no such process, or it is a zombie. */
export function lookUp(pid: number): ProcessRow | undefined {
  const row = isLinux ? linuxRow(pid) : psRows(["-p", String(pid)])[0];
  return row?.isZombie ? undefined : row;
}

/** Returns false only when certain, and throws if the process table could not be read. */
export function isRunning(ref: ProcessRef): boolean {
  return startIdOf(ref.pid) === ref.startId;
}

/** A look that costs almost nothing. False only when certain; true for a zombie too, and for another process with its pid. */
export function mayBeRunning({ pid }: ProcessRef): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Whether the machine was restarted since, so that no process from then can be running. Only known on Linux. */
export function isFromAnotherBoot(ref: ProcessRef): boolean {
  return isLinux && !ref.startId.startsWith(`${readBootId()}:`);
}

/** Its command line, and when it was started in milliseconds since the epoch. Null if it has ended. `nowMs`: now, by the wall clock. */
export function describeProcess(
  { pid, startId }: ProcessRef,
  nowMs: number,
): { command: string; startedMs: number } | null {
  const command = isLinux
    ? readOrNull(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ").trim()
    : ps(["-ww", "-o", "args=", "-p", String(pid)]).trim();
  if (!command || startIdOf(pid) !== startId) return null;
  if (!isLinux) return { command, startedMs: Date.parse(startId) };
  const upMs = Number(readOrNull("/proc/uptime")?.split(" ")[0]) * 1000;
  return { command, startedMs: nowMs - upMs + Number(startId.split(":")[1]) * TICK_MS };
}

/** Every process that can be seen, zombies included. */
export function listProcesses(): ProcessRow[] {
  if (!isLinux) return psRows(["-ax"]);
  const rows: ProcessRow[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const row = linuxRow(Number(name));
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

/** Whether the process was started with all of these variables. false when its environment may not be read (another user's). */
export function wasStartedWith(pid: number, marks: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(marks).map(([key, value]) => `${key}=${value}`);
  if (wanted.length === 0) return false;
  if (isLinux) {
    const environment = readOrNull(`/proc/${pid}/environ`);
    if (environment === null) return false;
    const had = new Set(environment.split("\0"));
    return wanted.every((entry) => had.has(entry));
  }
  const line = ` ${ps(["-E", "-ww", "-o", "command=", "-p", String(pid)]).trim()} `;
  return wanted.every((entry) => line.includes(` ${entry} `));
}

/** Signals this exact process, never another that reuses its pid. Returns false if it had ended. */
export function signalProcess(ref: ProcessRef, signal: NodeJS.Signals): boolean {
  if (!isRunning(ref)) return false;
  try {
    process.kill(ref.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

function linuxRow(pid: number): ProcessRow | undefined {
  const text = readOrNull(`/proc/${pid}/stat`);
  if (text === null) return undefined;
  // The second field is the program's name in brackets and may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const number = (index: number): number => Number(fields[index] ?? Number.NaN);
  return {
    pid,
    startId: `${readBootId()}:${fields[19] ?? ""}`,
    parent: number(1),
    session: number(3),
    isZombie: fields[0] === "Z" || fields[0] === "X",
    isStopped: fields[0] === "T" || fields[0] === "t",
    cpuMs: (number(11) + number(12)) * TICK_MS,
    rssBytes: number(21) * PAGE_BYTES,
  };
}

/** macOS and others: one `ps` call. The start time has whole seconds, which is as good as it gets there. */
function psRows(which: string[]): ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const line of ps(["-o", "pid=,ppid=,sess=,stat=,rss=,lstart=", ...which]).split("\n")) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(.+?)\s*$/.exec(line);
    if (match === null) continue;
    const [, pid, parent, session, stat, rss, start] = match as unknown as [string, ...string[]] & string[];
    rows.push({
      pid: Number(pid),
      startId: start ?? "",
      parent: Number(parent),
      session: Number(session) || 0,
      isZombie: (stat ?? "").startsWith("Z"),
      isStopped: (stat ?? "").startsWith("T"),
      rssBytes: Number(rss) * 1024,
      cpuMs: 0,
    });
  }
  return rows;
}

function ps(args: string[]): string {
  try {
    return execFileSync("ps", args, { encoding: "utf8", timeout: 5_000, stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // Status 1 without a word: no such process. Anything else is "cannot tell".
    if ((error as { status?: number | null }).status === 1) return "";
    throw error;
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM" || code === "ENOTDIR")
      return null;
    throw error;
  }
}
