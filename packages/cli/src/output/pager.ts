import { withoutSurroundings } from "@agent-orchestrator/core/host/surroundings";
import type { Context } from "../command.ts";
import { runChild } from "./child.ts";

/** Uses git's pager on a terminal, and prints directly elsewhere. Returns the exit status. */
export async function page({ io }: Pick<Context, "io">, text: string): Promise<number> {
  const pager = io.isOutTty ? await pagerOf(io.env) : "cat";
  if (pager === "cat" || pager === "") {
    io.out(text);
    return 0;
  }
  // A command line of the user's, run as git runs it.
  const env = { LESS: "FRX", LV: "-c", ...io.env };
  const { status } = await runChild(["/bin/sh", "-c", pager], { env, input: text });
  return status === 127 || status === 126 ? 69 : 0;
}

/**
 * What `git var` reports outside of a repository: GIT_PAGER, core.pager of the user or the system, PAGER, less. A repository's own
 * settings don't count, because an agent can write them.
 */
async function pagerOf(env: Record<string, string>): Promise<string> {
  try {
    const outside = { ...withoutSurroundings(env), GIT_DIR: "/dev/null" };
    const { status, stdout } = await runChild(["git", "var", "GIT_PAGER"], { env: outside, isCaptured: true });
    return status === 0 ? stdout.trim() : "cat";
  } catch {
    return "cat"; // no git, which doctor reports
  }
}
