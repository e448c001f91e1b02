import type { Duplex } from "node:stream";

/**
 * The protocol of the daemon, the runner and the attach client over the runner's socket: one JSON object per line.
 * A request has a number and gets one reply with the same number. Events are sent without a request. Unknown members are
 * ignored, because a runner may be older than the daemon that finds it.
 */
export interface Request {
  id: number;
  op:
    | "send"
    | "type"
    | "piece"
    | "type-end"
    | "cancel"
    | "keys"
    | "ring"
    | "watch"
    | "attach"
    | "look"
    | "input"
    | "resize";
  [member: string]: unknown;
}

export type Reply =
  | { re: number; ok: true; [member: string]: unknown }
  | { re: number; ok: false; code: FailureCode; message: string };

export type FailureCode = "UNAVAILABLE" | "TRY_AGAIN" | "FAILED" | "CLAIMED";

export type RunnerEvent =
  | { ev: "output" | "ready" | "human-input"; at: string }
  | { ev: "exit"; exit: ExitRecord }
  /** For viewers: what the program prints, base64. */
  | { ev: "data"; bytes: string }
  /** For those who only look: the newest output as base64, at the size that the terminal has now. */
  | { ev: "picture"; bytes: string; columns: number; rows: number }
  /** It has another size now. */
  | { ev: "size" };

/** `exit.json`, written once by the runner. If it is missing after the program's end, nobody knows how it ended. */
export interface ExitRecord {
  code: number | null;
  signal: string | null;
  at: string;
}

/** `record.json`: what runs here. Written once, when the program runs. */
export interface RunRecord {
  version: 1;
  key: string;
  sessionId: string;
  instanceId: string;
  socket: string;
  hasTerminal: boolean;
  pid: number;
  /** Null if it had ended before anybody could look. */
  startId: string | null;
  runner: { pid: number; startId: string };
  startedAt: string;
}

/** What the runner reads from its descriptor 3. Never on its command line, because the environment contains secrets. */
export interface RunSpec {
  key: string;
  sessionId: string;
  instanceId: string;
  dir: string;
  socket: string;
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  /** The module to load for a terminal, or null for pipes. */
  ptyModule: string | null;
  paste: "bracketed" | "line" | "file" | null;
  /** Text for stdin, which is then closed. */
  stdin: string | null;
  outputBytes: number;
}

/** The longest line accepted: a message of 64 KiB as JSON, or a chunk for a viewer, with some margin. */
const MAX_LINE = 2 * 1024 * 1024;

export function writeLine(to: Duplex, value: object): void {
  if (!to.destroyed && to.writable) to.write(`${JSON.stringify(value)}\n`);
}

/** Calls back for each line that is a JSON object. Closes the connection at any other line. */
export function readLines(from: Duplex, onLine: (value: Record<string, unknown>) => void): void {
  let rest = "";
  from.setEncoding("utf8");
  from.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) from.destroy();
    for (const line of lines) {
      const value = parse(line);
      if (value === null) from.destroy();
      else onLine(value);
    }
  });
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // Not JSON, so this is not one of our programs.
  }
}
