import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { type ConfigEntry, configText, listOwnConfig, repoConfig } from "@agent-orchestrator/plugin-kit/git/config";
import type { Repository } from "@agent-orchestrator/plugin-kit/git/repository";

/** Settings of the project's own config that an agent's commits and pushes should follow. None of them names a program. */
const CARRIED =
  /^(user\.|author\.|committer\.|commit\.gpgsign$|gpg\.format$|push\.default$|pull\.rebase$|pull\.ff$|core\.commentchar$|lfs\.url$|http\..*proxy$|credential\..*username$|url\..+\.(insteadof|pushinsteadof)$)/;

interface CloneConfig {
  repo: Repository;
  gitDir: string;
  /** null: the clone's origin stays the project's repository. */
  remote: string | null;
}

/**
 * The config of a new clone: what `git clone` wrote, the project's identity, and the address of its remote. Written as a
 * file, never by `git config`: an address may hold a password, and other users can read arguments.
 */
export async function cloneConfig(host: CheckoutHost, { repo, gitDir, remote }: CloneConfig): Promise<string> {
  const [written, project] = await Promise.all([repoConfig(host, gitDir), listOwnConfig(host, repo.commonDir)]);
  const isAddress = ({ key }: ConfigEntry) => key === `remote.${remote}.url` || key === `remote.${remote}.pushurl`;
  const own = written.own.filter((entry) => !isAddress(entry) && !entry.key.startsWith("branch."));
  const addresses = remote === null ? [] : project.filter(isAddress);
  const carried = project.filter(({ key }) => CARRIED.test(key) && !own.some((entry) => entry.key === key));
  const push = { key: "push.autosetupremote", value: "true", scope: "local" };
  return configText([...own, ...addresses, ...carried, push]);
}
