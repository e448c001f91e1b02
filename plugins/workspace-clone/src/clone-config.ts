import type { CheckoutHost } from "@agent-orchestrator/plugin-kit/checkout/host";
import { sparseOfMain } from "@agent-orchestrator/plugin-kit/checkout/sparse";
import { type ConfigEntry, configText, repoConfig } from "@agent-orchestrator/plugin-kit/git/config";
import { isPartial } from "@agent-orchestrator/plugin-kit/git/partial";
import type { Repository } from "@agent-orchestrator/plugin-kit/git/repository";
import { isUsers, onlyThere, resolvedConfig } from "@agent-orchestrator/plugin-kit/git/resolved-config";

/**
 * What an agent's commits, fetches and pushes should do as in the project: identity, signing, access, how files and commits
 * look. They may name programs, as they do for the agent in a worktree. Hooks stay with the project: a clone has none.
 */
const CARRIED =
  /^((user|author|committer|gpg|ssh|credential|http|lfs|filter|diff|merge|rebase|pull|push|format|i18n)\.|commit\.(gpgsign|template|cleanup|verbose)$|tag\.gpgsign$|core\.(sshcommand|askpass|editor|commentchar|autocrlf|eol|safecrlf|whitespace|excludesfile|attributesfile)$|url\..+\.(insteadof|pushinsteadof)$|submodule\.(active$|.+\.(url|active)$))/;
/** What tells git that objects may be missing here, and which remote has them. */
const PROMISES = /^(?:extensions\.partialclone|remote\..+\.(?:promisor|partialclonefilter))$/;

interface CloneConfig {
  repo: Repository;
  gitDir: string;
  /** null: the clone's origin stays the project's repository. */
  remote: string | null;
}

/**
 * The config of a new clone: what `git clone` wrote, the address of its remote, and the settings that git resolves in the
 * project, also those that the user's config has only for its place (`includeIf "gitdir:…"`). Written as a file, never by
 * `git config`: an address may hold a password, and other users can read arguments.
 */
export async function cloneConfig(host: CheckoutHost, { repo, gitDir, remote }: CloneConfig): Promise<string> {
  const [written, there, here, sparse] = await Promise.all([
    repoConfig(host, gitDir),
    resolvedConfig(host, repo.commonDir),
    resolvedConfig(host, gitDir),
    sparseOfMain(host, repo.commonDir),
  ]);
  const project = there.filter((entry) => !isUsers(entry));
  const origin = remote ?? "origin";
  const isAddress = ({ key }: ConfigEntry) => key === `remote.${origin}.url` || key === `remote.${origin}.pushurl`;
  const own = written.own.filter((entry) => !isAddress(entry) && !entry.key.startsWith("branch."));
  // Without a remote the project is the origin: by the path that addresses of submodules are relative to.
  const itself = { key: "remote.origin.url", value: repo.path, scope: "local" };
  const addresses = remote === null ? [itself] : project.filter(isAddress);
  const source = isPartial({ own: project }) ? project.filter(({ key }) => PROMISES.test(key)) : [];
  const carried = project.filter(({ key }) => CARRIED.test(key) && !own.some((entry) => entry.key === key));
  const push = { key: "push.autosetupremote", value: "true", scope: "local" };
  return configText([
    ...own,
    ...source,
    ...addresses,
    ...onlyThere(there.filter(isUsers), here.filter(isUsers)),
    ...carried,
    ...(sparse?.settings ?? []),
    push,
  ]);
}
