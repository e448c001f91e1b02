import { readFileSync } from "node:fs";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import { lockLimitOf } from "@agent-orchestrator/plugin-kit/mark";
import { listProcesses, lookUp, type ProcessRow, startIdOf } from "@agent-orchestrator/plugin-kit/process";
import { canAskKernel, type Peer } from "./peer.ts";
import type { Proofs } from "./proofs.ts";

/**
 * Who sends a request. `browser`: the user, on a page that has a token of the door. `agent`: the agent of this session. `program`: something that an agent, a check or the daemon itself
 * started, without proof of a session. `stranger`: a process of this user that does not have the user's token.
 */
export type Asker =
  | { who: "user" }
  | { who: "browser" }
  | { who: "agent"; session: string }
  | { who: "program"; why: string }
  | { who: "stranger"; why: string };

export interface Known {
  home: string;
  sessions: Readonly<Record<string, SessionRecord>>;
  proofs: Proofs;
  /**
   * The limit of file locks that the user's own processes have: the highest with which a daemon of this home has started. A lower one
   * is the mark of what an agent started, also if that is the daemon.
   */
  userLimit: number;
}

/** Whether it is the user, at a terminal or in a browser. */
export const isPerson = ({ who }: Asker): boolean => who === "user" || who === "browser";

const MAX_DEPTH = 64;

/**
 * Nobody is the user because nothing speaks against it. The kernel names the process, its ancestors come before anything it
 * says itself, and the user is who has none of our marks and has the user's token.
 */
export function askerOf(known: Known, caller: Caller, peer: Peer | null): Asker {
  const pid = peer === null ? claimedPid(caller) : stillThere(peer);
  if (pid === null) return { who: "program", why: "the process that asked has ended" };
  if (peer !== null && !isThisUser(peer.uid)) return { who: "stranger", why: "another user's process asks" };
  return (
    byMarks(known, caller, lineOf(pid)) ??
    (known.proofs.isUsers(caller.token)
      ? { who: "user" }
      : { who: "stranger", why: "it does not carry the user's token" })
  );
}

/** Only where the kernel cannot be asked, which `ao doctor` says. */
const claimedPid = (caller: Caller): number | null => (canAskKernel() ? null : caller.pid);

const stillThere = (peer: Peer): number | null => (startIdOf(peer.pid) === peer.startId ? peer.pid : null);

const isThisUser = (uid: number): boolean => uid === 0 || uid === (process.getuid?.() ?? uid);

/** Null if nothing shows that `ao` started this process or one of its ancestors. */
function byMarks({ home, sessions, proofs, userLimit }: Known, caller: Caller, line: readonly number[]): Asker | null {
  const launched = sessionOf(sessions, line);
  const marks = line.map((pid) => marksOf(pid, home));
  const named = caller.sessionId ?? marks.find(({ session }) => session !== null)?.session ?? null;
  if (launched !== null) {
    if (named === null || named === launched || !(named in sessions)) return { who: "agent", session: launched };
    return { who: "program", why: `the agent of ${launched} says that it is the one of ${named}` };
  }
  if (line.includes(process.pid)) return { who: "program", why: "a check or another command of the daemon asks" };
  if (named !== null && named in sessions) {
    if (proofs.isOfSession(named, caller.proof)) return { who: "agent", session: named };
    return { who: "program", why: `it runs within ${named}, without the proof of that session` };
  }
  if (marks.some(({ isCheck }) => isCheck)) return { who: "program", why: "a check asks" };
  const limit = line[0] === undefined ? null : lockLimitOf(line[0]);
  if (limit !== null && limit < userLimit) {
    return { who: "program", why: "an agent or a check started the process that asks" };
  }
  return null;
}

function sessionOf(sessions: Known["sessions"], line: readonly number[]): string | null {
  const byPid = new Map<number, string>();
  for (const { id, launch } of Object.values(sessions)) {
    const { last } = launch;
    if (last?.exit === null && last.pid !== null) byPid.set(last.pid, id);
  }
  const pid = line.find((each) => byPid.has(each));
  return pid === undefined ? null : (byPid.get(pid) ?? null);
}

/** The process and its ancestors, nearest first. */
function lineOf(pid: number): number[] {
  const find = process.platform === "linux" ? lookUp : among(listProcesses());
  const line: number[] = [];
  for (let next = pid; next > 1 && line.length < MAX_DEPTH && !line.includes(next); ) {
    line.push(next);
    next = find(next)?.parent ?? 0;
  }
  return line;
}

const among = (rows: readonly ProcessRow[]): ((pid: number) => ProcessRow | undefined) => {
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  return (pid) => byPid.get(pid);
};

/** What a process was started with, as far as it is about this home: another `ao` may run under an agent. */
function marksOf(pid: number, home: string): { session: string | null; isCheck: boolean } {
  let entries: string[];
  try {
    entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return { session: null, isCheck: false }; // There is no /proc, or the process is another user's or has ended.
  }
  const entryOf = (name: string) =>
    entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  if ((entryOf("AO_HOME") ?? home) !== home) return { session: null, isCheck: false };
  return { session: entryOf("AO_SESSION_ID"), isCheck: entryOf("AO_CI_RUN") !== null };
}
