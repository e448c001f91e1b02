import { writeSync } from "node:fs";
import { isatty } from "node:tty";

/** The process around a command. Only this file touches it, so that tests can replace it. */
export interface Io {
  env: Record<string, string>;
  cwd(): string;
  pid: number;
  platform: NodeJS.Platform;
  nodePath: string;
  nodeVersion: string;
  out(text: string): void;
  /** For output that is not text: a patch of files in another encoding. */
  outBytes(bytes: Uint8Array): void;
  err(text: string): void;
  /** Opened on first use. Opening makes a pipe non-blocking, also for other programs that share it. */
  readonly stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  isOutTty: boolean;
  isErrTty: boolean;
  isInTty: boolean;
  /** Width of the terminal that stdout is, or 80 (COLUMNS overrides it off a terminal). */
  columns(): number;
  now(): number;
}

export function processIo(): Io {
  const { env, stdout, stderr } = process;
  stopOnClosedPipe(stdout);
  stopOnClosedPipe(stderr);
  return {
    env: definedOnly(env),
    cwd,
    pid: process.pid,
    platform: process.platform,
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    out: (text) => writeAll(stdout, 1, text),
    outBytes: (bytes) => void stdout.write(bytes),
    err: (text) => writeAll(stderr, 2, text),
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    isOutTty: stdout.isTTY === true,
    isErrTty: stderr.isTTY === true,
    isInTty: isatty(0),
    columns: () => stdout.columns || Number.parseInt(env.COLUMNS ?? "", 10) || 80,
    now: () => Date.now(),
  };
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

/** `process.cwd()` throws if the folder is gone. Then the root is used, which contains no project. */
function cwd(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}

/** Writes to files and terminals at once. The stream writes to pipes, and the process waits for it before it ends. */
function writeAll(stream: NodeJS.WriteStream, fd: number, text: string): void {
  if (stream.isTTY !== true || text.length > 4096) {
    stream.write(text);
    return;
  }
  try {
    writeSync(fd, text);
  } catch {
    stream.write(text); // the terminal is slow for a moment (EAGAIN)
  }
}

/** `ao status | head` ends quietly when the reader has enough. */
function stopOnClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}
