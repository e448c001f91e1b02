import { readFileSync } from "node:fs";

/**
 * How a process that runs an agent's or a repository's code is recognised, whatever it does to its parents, its POSIX session
 * and its environment: by a lowered hard limit of file locks (`RLIMIT_LOCKS`). The kernel passes it on with fork and exec,
 * only CAP_SYS_RESOURCE can raise it again, and `/proc/PID/limits` shows it. It limits nothing: Linux has not counted file
 * locks since 2.4.25. Elsewhere there is no such limit, and there is no mark.
 */
const FIRST = 2 ** 40;

/** The hard limit of file locks of a process. Infinity without one, null where it cannot be read. */
export function lockLimitOf(pid: number | "self"): number | null {
  try {
    const line = /^Max file locks\s+\S+\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1];
    if (line === undefined) return null;
    return line === "unlimited" ? Number.POSITIVE_INFINITY : Number(line);
  } catch {
    return null; // It has ended, or there is no /proc.
  }
}

/** One below the limit of this process, so that `ao` can run under an agent of another `ao`. */
const markedLimit = (): number => Math.min(FIRST, (lockLimitOf("self") ?? Number.POSITIVE_INFINITY) - 1);

/** A line of POSIX sh that marks the shell and all that it starts. It fails silently where there is no such limit. */
export const markLine = (): string => {
  const limit = Math.max(0, markedLimit());
  // bash, ksh and zsh call it -x, dash and busybox -w.
  return `ulimit -x ${limit} 2>/dev/null || ulimit -w ${limit} 2>/dev/null || :`;
};

/** The argv that marks a program and becomes it. */
export const marked = (argv: readonly string[]): [string, ...string[]] => [
  "/bin/sh",
  "-c",
  `${markLine()}\nexec "$@"`,
  "ao-marked",
  ...argv,
];
