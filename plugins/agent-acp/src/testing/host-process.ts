import { createRequire } from "node:module";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";

export interface HostProcess {
  pid: number;
  /** What it printed, without cursor movements. */
  text(): string;
  type(keys: string): void;
  ended: Promise<number>;
  kill(signal?: NodeJS.Signals): void;
}

interface Pty {
  pid: number;
  onData(listener: (data: string) => void): void;
  onExit(listener: (end: { exitCode: number; signal?: number }) => void): void;
  write(data: string): void;
}
const pty = createRequire(import.meta.url)("@lydell/node-pty") as {
  spawn(file: string, args: string[], options: object): Pty;
};

/** Runs a program on its own terminal. */
export function startHost(
  argv: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): HostProcess {
  const [file = "", ...args] = argv;
  const child = pty.spawn(file, args, { cols: 100, rows: 40, name: "xterm-256color", cwd, env });
  let printed = "";
  let hasEnded = false;
  child.onData((data) => {
    printed += data;
  });
  const ended = new Promise<number>((done) => {
    child.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      done(signal ? 128 + signal : exitCode);
    });
  });
  return {
    pid: child.pid,
    text: () => plain(printed),
    type: (keys) => child.write(keys),
    ended,
    kill(signal = "SIGKILL") {
      if (hasEnded || lookUp(child.pid) === undefined) return;
      process.kill(child.pid, signal);
    },
  };
}

const plain = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replace(/\r+$/, "").replace(/^.*\r/, ""))
    .join("\n")
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
