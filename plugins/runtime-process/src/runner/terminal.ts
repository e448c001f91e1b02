import { closeSync, constants as fsConstants, openSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { pathToFileURL } from "node:url";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { drained } from "@agent-orchestrator/plugin-kit/terminal/drained";
import type { RunSpec } from "../wire.ts";
import type { Program } from "./program.ts";
import type { Time } from "./time.ts";

interface PtyModule {
  spawn(file: string, args: string[], options: object): PtyProcess;
}

interface PtyProcess {
  pid: number;
  /** The program's side of the terminal. */
  ptsName?: string;
  onData(listener: (data: Buffer | string) => void): void;
  onExit(listener: (end: { exitCode: number; signal?: number }) => void): void;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  _socket?: { write?(data: string | Buffer, done: () => void): void };
}

/** Of a session that nobody watches. */
export const OWN_SIZE = { columns: 120, rows: 40 };
/** After the program's end, this long without another byte means that everything has been read. */
const SETTLE_MS = 20;

/** Null if there is no binary for this machine. Then pipes are used, and the record says so. */
export async function loadPty(path: string): Promise<PtyModule | null> {
  try {
    const loaded = (await import(pathToFileURL(path).href)) as Partial<PtyModule> & { default?: PtyModule };
    return loaded.default ?? (loaded as PtyModule);
  } catch {
    return null;
  }
}

export interface TerminalStart {
  pty: PtyModule;
  file: string;
  spec: RunSpec;
  time: Time;
}

export function onTerminal({ pty, file, spec, time }: TerminalStart): Program {
  const env = { ...spec.env, TERM: "xterm-256color", COLORTERM: "truecolor" };
  const size = { cols: OWN_SIZE.columns, rows: OWN_SIZE.rows };
  const child = pty.spawn(file, spec.argv.slice(1), { ...size, name: env.TERM, cwd: spec.cwd, env, encoding: null });
  holdUntilRead(child, time);
  return {
    pid: child.pid,
    hasTerminal: true,
    onData: (listener) => child.onData((data) => listener(Buffer.from(data))),
    onExit: (listener) =>
      child.onExit(({ exitCode, signal }) =>
        signal === undefined || signal === 0 ? listener(exitCode, null) : listener(null, signalName(signal)),
      ),
    takesInput: () => true,
    write: (bytes) =>
      drained((done) => {
        // The module's own `write` does not report when the bytes were written.
        if (typeof child._socket?.write === "function") child._socket.write(bytes, done);
        else {
          child.write(bytes.toString());
          done();
        }
      }),
    resize: (columns, rows) => child.resize(columns, rows),
  };
}

/**
 * When the last holder of a terminal closes it, unread output is lost: in 32 of 40 runs the end of `seq 1 100000` was
 * missing. So we hold the program's side too, until it has ended and nothing more arrives.
 */
function holdUntilRead(child: PtyProcess, time: Time): void {
  if (child.ptsName === undefined) return;
  const held = openSync(child.ptsName, fsConstants.O_RDWR | fsConstants.O_NOCTTY);
  let readAt = time.monotonic();
  child.onData(() => {
    readAt = time.monotonic();
  });
  const letGo = (): void => {
    if (time.monotonic() - readAt < SETTLE_MS) setTimeout(letGo, SETTLE_MS / 2);
    else closeSync(held);
  };
  const look = (): void => {
    if (lookUp(child.pid) !== undefined) return;
    process.off("SIGCHLD", look);
    setTimeout(letGo, SETTLE_MS);
  };
  process.on("SIGCHLD", look);
  look();
}

function signalName(number: number): string {
  const found = Object.entries(osConstants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}
