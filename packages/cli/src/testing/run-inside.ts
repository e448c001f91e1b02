import { main } from "../main.ts";
import type { Io } from "../output/io.ts";
import type { Ran } from "./run-ao.ts";

interface Options {
  home: string;
  columns?: number;
  env?: Record<string, string>;
  isOutTty?: boolean;
}

/** Runs a command line in this process, for tests with very many. It has no stdin, and a terminal only to print on. */
export async function runInside(
  argv: readonly string[],
  { home, columns = 80, env = {}, isOutTty = false }: Options,
): Promise<Ran> {
  let [stdout, stderr] = ["", ""];
  const io: Io = {
    env: { HOME: home, AO_HOME: home, PATH: process.env.PATH ?? "", ...env },
    cwd: () => home,
    pid: process.pid,
    platform: process.platform,
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    out: (text) => {
      stdout += text;
    },
    outBytes: (bytes) => {
      stdout += Buffer.from(bytes).toString("latin1");
    },
    err: (text) => {
      stderr += text;
    },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isOutTty,
    isErrTty: false,
    isInTty: false,
    columns: () => columns,
    now: () => Date.now(),
  };
  const status = await main(argv, io);
  return { status, stdout, stderr };
}
