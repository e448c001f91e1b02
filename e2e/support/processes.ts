import { readdirSync, readFileSync } from "node:fs";

export interface Process {
  pid: number;
  argv: string[];
  parent: number;
  group: number;
}

/** Live processes (no zombies) with the AO_HOME of a sandbox: its daemons, its agents and what these started. */
export function processesOf(home: string): Process[] {
  const mark = `AO_HOME=${home}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const environ = read(`/proc/${name}/environ`);
      if (!environ.split("\0").includes(mark)) return [];
      const stat = read(`/proc/${name}/stat`);
      const [, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const argv = read(`/proc/${name}/cmdline`).split("\0").slice(0, -1);
      return [{ pid: Number(name), argv, parent: Number(parent), group: Number(group) }];
    });
}

/** Processes of `home` that are its daemon. */
export const daemonsOf = (home: string): Process[] =>
  processesOf(home).filter(({ argv }) => argv.some((word) => word.endsWith("/daemon.js")));

export function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already, as intended
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it ended meanwhile, or is not ours
  }
}
