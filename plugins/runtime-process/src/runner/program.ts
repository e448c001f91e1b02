import { spawn } from "node:child_process";
import { accessSync, constants as fsConstants, statSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { RunSpec } from "../wire.ts";

export interface Program {
  pid: number;
  hasTerminal: boolean;
  onData(listener: (bytes: Buffer) => void): void;
  /** Called once, after the last output. */
  onExit(listener: (code: number | null, signal: string | null) => void): void;
  /** Resolves when the program's side has taken the bytes, or after a while: they stay in order either way. */
  write(text: string): Promise<void>;
  resize(columns: number, rows: number): void;
}

export class StartError extends Error {}

const SIZE = { cols: 120, rows: 40 };
const DRAIN_MS = 5_000;
/** What still comes after the end of a program whose children keep its pipes open. */
const LINGER_MS = 300;

export async function startProgram(spec: RunSpec): Promise<Program> {
  const file = find(spec);
  const pty = spec.ptyModule === null || spec.stdin !== null ? null : await loadPty(spec.ptyModule);
  return pty === null ? onPipes(file, spec) : onTerminal(pty, file, spec);
}

/** `execvp` by hand: a terminal's fork has no way to say that there is no such program. */
function find({ argv, env, cwd }: RunSpec): string {
  const name = argv[0] ?? "";
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) throw new StartError(`no such folder: ${cwd}`);
  const places = name.includes("/") ? [""] : (env.PATH ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter);
  for (const place of places) {
    const path = resolve(cwd, join(place, name));
    try {
      accessSync(path, fsConstants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not here: the next place.
    }
  }
  const where = name.includes("/") ? "it is not there, or not executable" : `not found on PATH (${env.PATH ?? ""})`;
  throw new StartError(`${name} could not be started: ${where}`);
}

interface PtyModule {
  spawn(file: string, args: string[], options: object): PtyProcess;
}
interface PtyProcess {
  pid: number;
  onData(listener: (data: Buffer | string) => void): void;
  onExit(listener: (end: { exitCode: number; signal?: number }) => void): void;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  _socket?: { write?(data: string, done: () => void): void };
}

async function loadPty(path: string): Promise<PtyModule | null> {
  try {
    const loaded = (await import(pathToFileURL(path).href)) as Partial<PtyModule> & { default?: PtyModule };
    return loaded.default ?? (loaded as PtyModule);
  } catch {
    return null; // No binary for this machine: pipes do, and the record says so.
  }
}

function onTerminal(pty: PtyModule, file: string, spec: RunSpec): Program {
  const env = { ...spec.env, TERM: "xterm-256color", COLORTERM: "truecolor" };
  const child = pty.spawn(file, spec.argv.slice(1), { ...SIZE, name: env.TERM, cwd: spec.cwd, env, encoding: null });
  return {
    pid: child.pid,
    hasTerminal: true,
    onData: (listener) => child.onData((data) => listener(Buffer.from(data))),
    onExit: (listener) =>
      child.onExit(({ exitCode, signal }) =>
        signal === undefined || signal === 0 ? listener(exitCode, null) : listener(null, signalName(signal)),
      ),
    write: (text) =>
      drained((done) => {
        // The module's own `write` does not tell when the bytes are gone.
        if (typeof child._socket?.write === "function") child._socket.write(text, done);
        else {
          child.write(text);
          done();
        }
      }),
    resize: (columns, rows) => child.resize(columns, rows),
  };
}

async function onPipes(file: string, spec: RunSpec): Promise<Program> {
  const child = spawn(file, spec.argv.slice(1), {
    argv0: spec.argv[0] ?? file,
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  await new Promise<void>((started, failed) => {
    child.once("spawn", started);
    child.once("error", (error) => failed(new StartError(error.message)));
  });
  // The program closed its stdin, or ended: its exit tells.
  child.stdin.on("error", () => undefined);
  if (spec.stdin !== null) child.stdin.end(spec.stdin);
  return {
    pid: child.pid ?? 0,
    hasTerminal: false,
    onData(listener) {
      child.stdout.on("data", listener);
      child.stderr.on("data", listener);
    },
    onExit(listener) {
      child.once("exit", (code, signal) => {
        const end = once(() => listener(code, signal));
        child.once("close", end);
        setTimeout(end, LINGER_MS);
      });
    },
    write: (text) => drained((done) => (child.stdin.writable ? child.stdin.write(text, () => done()) : done())),
    resize: () => undefined,
  };
}

function once(call: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) call();
    isDone = true;
  };
}

function drained(write: (done: () => void) => unknown): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, DRAIN_MS);
    write(() => {
      clearTimeout(timer);
      done();
    });
  });
}

function signalName(number: number): string {
  const found = Object.entries(osConstants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}
