import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { repoConfig } from "./config.ts";
import { readHead, readRef, readSymbolicRef } from "./refs.ts";
import { chooseRemote, remoteOf } from "./remote.ts";
import type { Repository } from "./repository.ts";
import { type GitHost, git } from "./run.ts";
import { withView } from "./view.ts";

/** How long a fetch may take before a spawn goes on without it, and how long its outcome is good for. */
const FETCH_DEADLINE_MS = 8_000;
const FETCH_FRESH_MS = 60_000;

export interface Base {
  branch: string;
  sha: string;
  /** One sentence, if the base is not what the user may expect. */
  note: string | null;
}

export interface BaseRequest {
  /** null: the repository's default branch. */
  branch: string | null;
  /** The local branch is the newest there is, whatever the remote has (another session's branch). */
  preferLocal?: boolean;
}

/** The branch that work starts from and goes back to. Throws CONFIG when there is none. */
export async function defaultBranch(host: GitHost, repo: Repository): Promise<string> {
  const remote = await remoteOf(host, repo);
  const prefix = remote === null ? null : `refs/remotes/${remote}/`;
  const pointed = prefix === null ? null : await readSymbolicRef(repo, `${prefix}HEAD`);
  if (prefix !== null && pointed?.startsWith(prefix)) return pointed.slice(prefix.length);
  const head = await readHead(repo, repo.commonDir);
  const usual = ["main", "master", "trunk", "develop"];
  if (head.branch !== null && usual.includes(head.branch) && head.sha !== null) return head.branch;
  for (const name of usual) {
    if ((await readRef(repo, `refs/heads/${name}`)) ?? (prefix && (await readRef(repo, prefix + name)))) return name;
  }
  if (head.branch === null || head.sha === null) throw noCommits(repo, head.branch);
  return head.branch;
}

function noCommits(repo: Repository, branch: string | null): AoError {
  return branch === null
    ? new AoError("CONFIG", `ao cannot tell the default branch of ${repo.path}`, { hint: "Set `defaultBranch`." })
    : new AoError("CONFIG", `${repo.path} has no commit yet`, {
        hint: "Make a first commit: an agent starts from a commit.",
      });
}

/** Where a new branch starts: at the remote's newest commit when it answers in time, else at what is here, said plainly. */
export async function chooseBase(host: GitHost, repo: Repository, request: BaseRequest): Promise<Base> {
  const branch = request.branch ?? (await defaultBranch(host, repo));
  const { name: remote, problem: unused } = await chooseRemote(host, repo);
  const local = await readRef(repo, `refs/heads/${branch}`);
  if (request.preferLocal && local !== null) return { branch, sha: local, note: null };
  const problem = remote === null ? unused : await fetchBranch(host, repo, { remote, branch });
  const tracked = remote === null ? null : await readRef(repo, `refs/remotes/${remote}/${branch}`);
  if (local === null && tracked === null) throw await noSuchBranch(host, repo, branch);
  if (remote === null || tracked === null) {
    const note = problem === null ? null : `from your local ${branch} ${short(local)}: ${problem}`;
    return { branch, sha: local ?? "", note };
  }
  return compare(host, repo, { branch, remote, local, tracked, problem });
}

interface Sides {
  branch: string;
  remote: string;
  local: string | null;
  tracked: string;
  problem: string | null;
}

async function compare(host: GitHost, repo: Repository, sides: Sides): Promise<Base> {
  const { branch, remote, local, tracked, problem } = sides;
  const from = `from ${remote}/${branch} ${short(tracked)}`;
  if (local === null || local === tracked) {
    return { branch, sha: tracked, note: problem === null ? null : `${from} as last fetched: ${problem}` };
  }
  const { ahead, behind } = await distance(host, repo, { left: local, right: tracked });
  if (problem !== null && ahead > 0) {
    const unseen = behind > 0 ? `, without ${commits(behind)} of ${remote}/${branch}` : "";
    return { branch, sha: local, note: `from your local ${branch} ${short(local)}${unseen}: ${problem}` };
  }
  const differs = [
    ...(ahead > 0 ? [`has ${ahead} unpushed ${ahead === 1 ? "commit" : "commits"}`] : []),
    ...(behind > 0 ? [`is ${commits(behind)} behind`] : []),
  ];
  const note = `${from}${problem === null ? "" : " as last fetched"}; your ${branch} ${differs.join(" and ")}`;
  return { branch, sha: tracked, note: problem === null ? note : `${note}: ${problem}` };
}

/** Commits only the left side has, and only the right one. */
export async function distance(
  host: GitHost,
  repo: Repository,
  sides: { left: string; right: string },
): Promise<{ ahead: number; behind: number }> {
  const checkout = { commonDir: repo.commonDir, gitDir: repo.commonDir, path: repo.commonDir };
  const { stdout } = await withView(host, checkout, (view) =>
    view.run(["rev-list", "--left-right", "--count", `${sides.left}...${sides.right}`, "--"]),
  );
  const [ahead = 0, behind = 0] = stdout.trim().split(/\s+/).map(Number);
  return { ahead, behind };
}

interface Fetched {
  at: number;
  problem: Promise<string | null>;
}
const fetches = new Map<string, Fetched>();

/** Fetches one branch, at most once a minute however many ask, unless `isNow`. null: up to date; else why not, in words. */
export function fetchBranch(
  host: GitHost,
  repo: Repository,
  { isNow = false, ...what }: { remote: string; branch: string; isNow?: boolean },
): Promise<string | null> {
  const key = [repo.commonDir, what.remote, what.branch].join("\n");
  const now = host.clock.monotonic();
  const known = fetches.get(key);
  if (known !== undefined && !isNow && now - known.at < FETCH_FRESH_MS) return known.problem;
  const problem = fetchNow(host, repo, what);
  fetches.set(key, { at: now, problem });
  return problem;
}

/** Without the lease: a fetch may start a password cache that lives on, and would look like a git that is still running. */
async function fetchNow(
  { leaseFd: _lease, ...host }: GitHost,
  repo: Repository,
  { remote, branch }: { remote: string; branch: string },
): Promise<string | null> {
  const refspec = `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
  const flags = ["--quiet", "--no-tags", "--no-recurse-submodules", "--upload-pack=git-upload-pack"];
  const checkout = { commonDir: repo.commonDir, gitDir: repo.commonDir, path: repo.commonDir };
  try {
    await withView(host, checkout, async (view) =>
      view.run(["fetch", ...flags, "--", remote, refspec], {
        timeoutMs: FETCH_DEADLINE_MS,
        graceMs: 500,
        extraEnv: await sshSettings(host, repo),
      }),
    );
    return null;
  } catch (error) {
    if (!isAoError(error)) throw error;
    if (error.code === "UNREACHABLE") return `${remote} did not answer within ${FETCH_DEADLINE_MS / 1000} s`;
    const said = String(error.details?.stderr ?? error.message);
    if (said.includes("couldn't find remote ref")) return `${remote} has no branch ${branch}`;
    const line = said.split("\n").find((text) => /^(fatal|error|ssh):/.test(text)) ?? said.split("\n")[0] ?? "";
    return `could not fetch from ${remote} (${line.slice(0, 160).trim()})`;
  }
}

/** The user's own ssh command, else one that never asks. A repository's own `core.sshCommand` is not obeyed. */
export async function sshSettings(host: GitHost, repo: Repository): Promise<Record<string, string>> {
  if (host.env().GIT_SSH_COMMAND !== undefined || host.env().GIT_SSH !== undefined) return {};
  const { user } = await repoConfig(host, repo.commonDir);
  const isSet = user.some(({ key }) => key === "core.sshcommand");
  return isSet ? {} : { GIT_SSH_COMMAND: "ssh -oBatchMode=yes" };
}

async function noSuchBranch(host: GitHost, repo: Repository, branch: string): Promise<AoError> {
  const head = await readHead(repo, repo.commonDir);
  const { stdout } = await git(host, ["for-each-ref", "--count=1", "refs/heads", "refs/remotes"], {
    cwd: repo.commonDir,
    gitDir: repo.commonDir,
  });
  if (stdout === "") return noCommits(repo, head.branch ?? "HEAD");
  return new AoError("CONFIG", `${repo.path} has no branch ${branch}`, {
    hint: "Set the project's `defaultBranch`, or name another with `--base`.",
  });
}

const short = (sha: string | null): string => (sha ?? "").slice(0, 7);
const commits = (count: number): string => `${count} ${count === 1 ? "commit" : "commits"}`;
