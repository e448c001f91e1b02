import { exec } from "../exec.ts";
import { type RepoConfig, repoConfig } from "../git/config.ts";
import type { Repository } from "../git/repository.ts";
import type { CheckoutHost } from "./host.ts";

/** A sentence when commits are to be signed and that would ask for a passphrase. Tries it once, without a terminal. */
export async function signingNote(host: CheckoutHost, repo: Repository): Promise<string[]> {
  const config = await repoConfig(host, repo.commonDir);
  if (!isTrue(config.get("commit.gpgsign"))) return [];
  const problem = await trySigning(host, config);
  return problem === null
    ? []
    : [
        `commits are signed here, which needs a terminal now (${problem}): unlock the key, or the agent's commits will wait`,
      ];
}

async function trySigning(host: CheckoutHost, config: RepoConfig): Promise<string | null> {
  const key = config.get("user.signingkey");
  const format = config.get("gpg.format") ?? "openpgp";
  const env: Record<string, string> = { ...host.env(), SSH_ASKPASS_REQUIRE: "never", LC_ALL: "C" };
  const limits = { env, input: "ao\n", timeoutMs: 5_000, okExits: [0] };
  try {
    if (format === "ssh") {
      if (key === null) return "user.signingKey is not set";
      if (key.startsWith("key::") || key.startsWith("ssh-")) return null; // a key of the agent's: nothing to unlock
      await exec("ssh-keygen", ["-Y", "sign", "-n", "git", "-f", untilde(key, env.HOME)], limits);
      return null;
    }
    if (format !== "openpgp") return null;
    const program = userValue(config, "gpg.openpgp.program") ?? userValue(config, "gpg.program") ?? "gpg";
    const which = key === null ? [] : [`--local-user=${key}`];
    await exec(program, ["--batch", "--no-tty", "--pinentry-mode=error", "--armor", "--detach-sign", ...which], limits);
    return null;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return said.split("\n").at(-1)?.slice(0, 120) ?? "it failed";
  }
}

/** A program is taken from the user's own config only: a repository's could name any. */
const userValue = (config: RepoConfig, key: string): string | null =>
  config.user.findLast((entry) => entry.key === key)?.value ?? null;

const isTrue = (value: string | null): boolean => value !== null && /^(true|yes|on|1)$/i.test(value);
const untilde = (path: string, home: string | undefined): string =>
  path.startsWith("~/") && home !== undefined ? `${home}${path.slice(1)}` : path;
