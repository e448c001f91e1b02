import { createRequire } from "node:module";
import { AO } from "./stage.ts";

interface Pty {
  onData(listener: (text: string) => void): void;
  onExit(listener: (end: { exitCode: number }) => void): void;
  write(text: string): void;
  kill(signal?: string): void;
}

export interface OnPty {
  /** Resolves with the time at which what is written from now on contains this text. */
  shows(text: string): Promise<number>;
  type(keys: string): void;
  ended: Promise<number>;
  kill(): void;
}

const PATIENCE_MS = 30_000;

/** `ao` on a real terminal. Times are those of `performance.now()`. */
export function aoOnPty(args: readonly string[], { cwd, env }: { cwd: string; env: Record<string, string> }): OnPty {
  const { spawn } = createRequire(new URL("../../packages/cli/package.json", import.meta.url))("@lydell/node-pty") as {
    spawn(file: string, args: string[], options: Record<string, unknown>): Pty;
  };
  const pty = spawn(process.execPath, [AO, ...args], { cols: 80, rows: 24, cwd, env });
  const waiting = new Set<(text: string) => void>();
  pty.onData((text) => {
    for (const see of waiting) see(text);
  });
  const ended = new Promise<number>((resolve) => pty.onExit(() => resolve(performance.now())));
  return {
    shows: (wanted) =>
      new Promise((resolve, reject) => {
        let seen = "";
        const timer = setTimeout(() => reject(new Error(`the terminal never showed ${wanted}:\n${seen}`)), PATIENCE_MS);
        const see = (text: string) => {
          seen += text;
          if (!seen.includes(wanted)) return;
          clearTimeout(timer);
          waiting.delete(see);
          resolve(performance.now());
        };
        waiting.add(see);
      }),
    type: (keys) => pty.write(keys),
    ended,
    kill: () => pty.kill("SIGKILL"),
  };
}
