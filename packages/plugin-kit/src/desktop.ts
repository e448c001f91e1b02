import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { findProgram } from "./program.ts";

/** A program that ends with an error within this time could not open anything. */
const FAILS_WITHIN_MS = 1_000;

interface Start {
  env: Record<string, string>;
  clock: Clock;
}

/** Starts a program with windows, and leaves it alone. Throws UNAVAILABLE if it is not there, or fails at once. */
export async function startOnDesktop(argv: readonly string[], { env, clock }: Start): Promise<void> {
  const [name = "", ...args] = argv;
  const program = findProgram(name, env);
  if (program === null) throw new AoError("UNAVAILABLE", `${name} is not installed, or not on your PATH`);
  const cwd = env.HOME !== undefined && existsSync(env.HOME) ? env.HOME : "/";
  const child = spawn(program, args, { env, cwd, stdio: ["ignore", "ignore", "pipe"], detached: true });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-500);
  });
  const failed = new Promise<string | null>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code) => resolve(code === 0 ? null : said.trim() || `exit status ${code}`));
  });
  const problem = await Promise.race([failed, clock.sleep(FAILS_WITHIN_MS).then(() => null)]);
  child.stderr.destroy();
  child.unref();
  if (problem !== null) throw new AoError("UNAVAILABLE", `${name} opened nothing: ${problem}`);
}

/** The program that opens an address in the user's browser. Null: there is no desktop. */
export function browserOpener(env: Readonly<Record<string, string>>, platform = process.platform): string | null {
  if (platform === "darwin") return "/usr/bin/open";
  const isWsl = env.WSL_DISTRO_NAME !== undefined;
  if (isWsl && findProgram("wslview", env) !== null) return "wslview";
  const hasDesktop = (env.DISPLAY ?? "") !== "" || (env.WAYLAND_DISPLAY ?? "") !== "";
  return hasDesktop && findProgram("xdg-open", env) !== null ? "xdg-open" : null;
}
