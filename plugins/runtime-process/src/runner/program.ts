import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { TypedProgram } from "@agent-orchestrator/plugin-kit/terminal/delivery";
import { drained } from "@agent-orchestrator/plugin-kit/terminal/drained";
import type { RunSpec } from "../wire.ts";
import { loadPty, onTerminal } from "./terminal.ts";
import type { Time } from "./time.ts";

export interface Program extends TypedProgram {
  pid: number;
  onData(listener: (bytes: Buffer) => void): void;
  /** Called once, after the last output. */
  onExit(listener: (code: number | null, signal: string | null) => void): void;
  resize(columns: number, rows: number): void;
}

export class StartError extends Error {}

/** How long to read on after the end of a program whose children keep its pipes open. */
const LINGER_MS = 300;

export async function startProgram(spec: RunSpec, time: Time): Promise<Program> {
  const file = find(spec);
  const pty = spec.ptyModule === null || spec.stdin !== null ? null : await loadPty(spec.ptyModule);
  return pty === null ? onPipes(file, spec) : onTerminal({ pty, file, spec, time });
}

/** Does the search of `execvp`, because a terminal's fork can't report that there is no such program. */
function find({ argv, env, cwd }: RunSpec): string {
  const name = argv[0] ?? "";
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) throw new StartError(`no such folder: ${cwd}`);
  const places = name.includes("/") ? [""] : (env.PATH ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter);
  for (const place of places) {
    const path = resolve(cwd, join(place, name));
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not here. Try the next folder.
    }
  }
  const where = name.includes("/") ? "it is missing or not executable" : `not found on PATH (${env.PATH ?? ""})`;
  throw new StartError(`${name} could not be started: ${where}`);
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
  // The program closed its stdin or ended. Its exit shows which.
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
    takesInput: () => child.stdin.writable,
    write: (bytes) => drained((done) => (child.stdin.writable ? child.stdin.write(bytes, () => done()) : done())),
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
