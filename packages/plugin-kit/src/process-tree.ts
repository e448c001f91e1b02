import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { listProcesses, type ProcessRef, type ProcessRow, signalProcess, wasStartedWith } from "./process.ts";

export interface TreeQuestion {
  /** The programs whose descendants are meant. They may have ended already. */
  roots: readonly ProcessRef[];
  /** Variables that only this session's programs were started with: finds what left the tree (`setsid`, double fork). */
  marks?: Readonly<Record<string, string>>;
  /** Never these, nor what they run in: the caller and its ancestors are always spared. */
  spare?: readonly number[];
}

/** The roots that still run, all below them, all in their POSIX sessions, and all that carry the marks. */
export function processTree({ roots, marks = {}, spare = [] }: TreeQuestion): ProcessRow[] {
  const all = listProcesses().filter((row) => !row.isZombie);
  const byPid = new Map(all.map((row) => [row.pid, row]));
  const spared = new Set([...spare, ...ancestors(process.pid, byPid)]);
  const found = new Map<number, ProcessRow>();
  const sessions = new Set<number>();
  for (const root of roots) {
    const now = byPid.get(root.pid);
    if (now?.startId === root.startId) found.set(root.pid, now);
    // A pid that was given away again may lead a session of somebody else.
    if (now === undefined || now.startId === root.startId) sessions.add(root.pid);
  }
  for (const row of all) {
    if (spared.has(row.pid)) continue;
    if (sessions.has(row.session) || wasStartedWith(row.pid, marks)) found.set(row.pid, row);
  }
  addDescendants(all, found, spared);
  for (const pid of spared) found.delete(pid);
  return [...found.values()];
}

function addDescendants(all: readonly ProcessRow[], found: Map<number, ProcessRow>, spared: ReadonlySet<number>): void {
  const children = new Map<number, ProcessRow[]>();
  for (const row of all) children.set(row.parent, [...(children.get(row.parent) ?? []), row]);
  const todo = [...found.keys()];
  for (let pid = todo.pop(); pid !== undefined; pid = todo.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (found.has(child.pid) || spared.has(child.pid)) continue;
      found.set(child.pid, child);
      todo.push(child.pid);
    }
  }
}

function ancestors(pid: number, byPid: ReadonlyMap<number, ProcessRow>): number[] {
  const line: number[] = [];
  for (let next = pid; next > 0 && !line.includes(next); next = byPid.get(next)?.parent ?? 0) line.push(next);
  return line;
}

export interface EndOptions extends TreeQuestion {
  clock: Clock;
  /** Between TERM and KILL. Default 5 s. */
  graceMs?: number;
  /** After KILL. Default 5 s. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** TERM, grace, KILL for the whole tree, looked up anew at each step: what a dying program starts is found too. */
export async function endTree(options: EndOptions): Promise<void> {
  const { clock, graceMs = 5_000, deadlineMs = 5_000, signal } = options;
  const began = clock.monotonic();
  const asked = new Set<string>();
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 200)) {
    const left = processTree(options);
    if (left.length === 0) return;
    const passed = clock.monotonic() - began;
    if (passed > graceMs + deadlineMs) throw notEnded(left);
    for (const row of left) {
      const name = `${row.pid} ${row.startId}`;
      if (passed > graceMs) signalProcess(row, "SIGKILL");
      else if (!asked.has(name)) end(row);
      asked.add(name);
    }
    await clock.sleep(pauseMs, signal);
  }
}

/** A stopped program receives its TERM only once it continues. */
function end(row: ProcessRow): void {
  if (signalProcess(row, "SIGTERM")) signalProcess(row, "SIGCONT");
}

function notEnded(left: readonly ProcessRow[]): AoError {
  const pids = left.map((row) => row.pid).join(", ");
  return new AoError("UNREACHABLE", `processes survived even SIGKILL: ${pids}`, {
    hint: "They are stuck in the kernel (a dead network disk?) or belong to another user.",
  });
}
