import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AoError } from "@agent-orchestrator/core/model/errors";

/** What plays the demo's forge. */
export interface Forge {
  /** Keys of the project in the config. */
  project: object;
  /** Where git pushes to. */
  remote: string;
  stop(): Promise<void>;
}

const DIST = fileURLToPath(new URL("./", import.meta.url));
const PROGRAM = /^demo-(\w+)-entry\.js$/;

/** Starts the program of this build that plays such a forge, with the issues of a folder. It ends with its standard input. */
export async function startForge(name: string, issues: string, env: Record<string, string>): Promise<Forge> {
  const program = `${DIST}demo-${name}-entry.js`;
  const known = readdirSync(DIST).flatMap((file) => PROGRAM.exec(file)?.[1] ?? []);
  if (!/^\w+$/.test(name) || !existsSync(program)) {
    throw new AoError("USAGE", `the demo has no ${name}`, { hint: `Use one of: ${["local", ...known].join(", ")}.` });
  }
  const child = spawn(process.execPath, [program, issues], { env, stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const line = await firstLineOf(child);
  if (line === null) throw new AoError("FAILED", `the demo's ${name} did not start`);
  return {
    ...(JSON.parse(line) as Pick<Forge, "project" | "remote">),
    async stop() {
      child.stdin?.end();
      await exit;
    },
  };
}

async function firstLineOf(child: ChildProcess): Promise<string | null> {
  if (child.stdout === null) return null;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return null;
}
