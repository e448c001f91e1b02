import type { Desk } from "./desk.ts";
import type { Repository } from "./repository.ts";

/** The user of this machine, by their name in git, or else their login name. */
export async function authorOf(desk: Desk, { git }: Repository): Promise<string> {
  const { stdout } = await git(["config", "--get", "user.name"], { okExits: [0, 1] });
  const env = desk.context.env();
  return stdout.trim() || env.GIT_AUTHOR_NAME || env.USER || env.LOGNAME || "you";
}
