import { createRequire } from "node:module";
import { onTestFinished } from "vitest";

interface Pty {
  onData(listener: (text: string) => void): void;
  onExit(listener: (end: { exitCode: number }) => void): void;
  write(text: string): void;
  resize(columns: number, rows: number): void;
  kill(signal?: string): void;
}

export interface OnTty {
  /** Everything that was written to the terminal. */
  seen(): string;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  ended: Promise<number>;
}

/** `ao` on a separate terminal. */
export function runOnTty(
  args: readonly string[],
  {
    home,
    ao,
    env,
    cwd = home,
    columns = 100,
    rows = 30,
  }: { home: string; ao: string; env?: Record<string, string>; cwd?: string; columns?: number; rows?: number },
): OnTty {
  const { spawn } = createRequire(import.meta.url)("@lydell/node-pty") as {
    spawn(file: string, args: string[], options: Record<string, unknown>): Pty;
  };
  const pty = spawn(process.execPath, [ao, ...args], {
    cols: columns,
    rows,
    cwd,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: home,
      AO_HOME: home,
      LANG: "C.UTF-8",
      TZ: "UTC",
      TERM: "xterm-256color",
      ...env,
    },
  });
  let text = "";
  pty.onData((more) => {
    text += more;
  });
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  onTestFinished(async () => {
    pty.kill("SIGKILL");
    await ended;
  });
  return {
    seen: () => text,
    type: (keys) => pty.write(keys),
    resize: (width, height) => pty.resize(width, height),
    ended,
  };
}
