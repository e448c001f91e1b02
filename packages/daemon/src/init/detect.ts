import { existsSync } from "node:fs";
import { basename } from "node:path";
import { AoError, isAoError } from "@agent-orchestrator/core/model/errors";
import { ProjectId } from "@agent-orchestrator/core/model/ids";
import type { PluginManifest } from "@agent-orchestrator/core/slots/common";
import { type GitHost, git } from "@agent-orchestrator/plugin-kit/git/run";
import { type MissingProgram, missingPrograms, type NamedLine } from "../environment/needed-programs.ts";
import { type AgentProgram, findAgents, lacking } from "./programs.ts";
import { findToolChains, type ToolChain } from "./tool-chains.ts";

/** What a repository shows about itself. */
export interface Detected {
  /** Real path of its top folder, where the config goes. */
  root: string;
  projectId: string;
  /** `owner/name` of the remote `origin`, if it is on one of the hosts that a plugin serves or will serve. */
  repo: string | null;
  defaultBranch: string;
  toolChains: ToolChain[];
  /** Ignored files that a checkout will miss, as patterns of `copy`. */
  copy: string[];
  agents: AgentProgram[];
  /** Programs of the tool chains' commands that are not on PATH. */
  missing: MissingProgram[];
  /** Programs that the default runtime needs and that are not on PATH. */
  runtimeLacks: string[];
}

/** What this release offers, as far as a repository decides. */
export interface Offer {
  /** In the order in which they are proposed. */
  agents: readonly PluginManifest[];
  /** The default one. */
  runtime: PluginManifest;
  /** Hosts of repositories: `github.com`. */
  hosts: readonly string[];
}

const DEADLINE_MS = 10_000;

/** Looks without changing or running anything. Throws CONFIG (no repository, no commit), UNAVAILABLE (no git). */
export async function detectProject(dir: string, host: GitHost, offer: Offer): Promise<Detected> {
  if (!existsSync(dir)) throw new AoError("CONFIG", `there is no folder ${dir}`, { hint: "Check the path." });
  const root = await topFolder(dir, host);
  const ask = async (...args: string[]) => await answer(host, root, args);
  const branch = await ask("symbolic-ref", "--short", "-q", "HEAD");
  if ((await ask("rev-parse", "--verify", "-q", "HEAD")) === null) {
    throw new AoError("CONFIG", `${root} has no commit yet`, {
      hint: "Make a first commit (`git add -A && git commit -m First`): agents start from a commit.",
    });
  }
  const remoteHead = await ask("symbolic-ref", "--short", "-q", "refs/remotes/origin/HEAD");
  const branches =
    (await ask("for-each-ref", "--format=%(refname:short)", "refs/heads/main", "refs/heads/master")) ?? "";
  const toolChains = findToolChains(root);
  const path = host.env().PATH;
  const [usual] = branches.split("\n").filter((name) => name !== "");
  return {
    root,
    projectId: projectIdOf(root),
    repo: repoAt(offer.hosts, await ask("config", "--get", "remote.origin.url")),
    defaultBranch: remoteHead?.replace(/^origin\//, "") ?? (branch === usual ? branch : usual) ?? branch ?? "main",
    toolChains,
    copy: await ignoredSettings(host, root),
    agents: findAgents(offer.agents, path),
    missing: missingPrograms(linesOf(toolChains), path),
    runtimeLacks: lacking(offer.runtime, path),
  };
}

const linesOf = (toolChains: readonly ToolChain[]): NamedLine[] =>
  toolChains.flatMap(({ postCreate, ci }) => [
    ...postCreate.map((line) => ({ where: "postCreate", line })),
    ...ci.map(({ name, run }) => ({ where: `scm.ci.${name}`, line: run })),
  ]);

async function topFolder(dir: string, host: GitHost): Promise<string> {
  const hint = "Run `git init` here, or go to a folder of your repository.";
  try {
    const { stdout } = await git(host, ["rev-parse", "--show-toplevel"], { cwd: dir, timeoutMs: DEADLINE_MS });
    if (stdout.trim() !== "") return stdout.replace(/\n$/, "");
  } catch (error) {
    if (!isAoError(error) || error.code !== "FAILED") throw error;
    if (String(error.details?.stderr).includes("must be run in a work tree")) {
      throw new AoError("CONFIG", `${dir} is a bare repository`, {
        hint: "Run `ao init` in a checkout of it.",
        cause: error,
      });
    }
    if (String(error.details?.stderr).includes("dubious ownership")) {
      throw new AoError("CONFIG", `${dir} belongs to another user, and git refuses it`, {
        hint: "See `git help config` about safe.directory.",
        cause: error,
      });
    }
    throw new AoError("CONFIG", `${dir} is not in a git repository`, { hint, cause: error });
  }
  throw new AoError("CONFIG", `${dir} is not in a git repository`, { hint });
}

/** One line of git's output, or null if it has no answer. */
async function answer(host: GitHost, cwd: string, args: string[]): Promise<string | null> {
  const { stdout, exitCode } = await git(host, args, { cwd, timeoutMs: DEADLINE_MS, okExits: [0, 1, 128] });
  return exitCode === 0 && stdout.trim() !== "" ? stdout.trimEnd() : null;
}

/** `owner/name` of a URL on one of these hosts: https, ssh and scp forms. A token in the URL is dropped. */
export function repoAt(hosts: readonly string[], url: string | null): string | null {
  const match = /^(?:(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/@:]+)(?::\d+)?\/|(?:[^/@:]+@)?([^/@:]+):)(.+)$/.exec(
    url ?? "",
  );
  if (!hosts.includes((match?.[1] ?? match?.[2] ?? "").toLowerCase())) return null;
  const path = match?.[3]?.replace(/\/+$/, "").replace(/\.git$/, "");
  return path !== undefined && /^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/.test(path) ? path : null;
}

/** An id made from the folder's name: letters, digits, `_` and `-`. */
export function projectIdOf(root: string): string {
  const words = basename(root)
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[-_]+|[-_]+$/g, "")
    .slice(0, 40)
    .replace(/[-_]+$/, "");
  if (ProjectId.safeParse(words).success) return words;
  return words === "" ? "app" : `app-${words}`.slice(0, 40);
}

const SETTINGS = /^(?:\.env(?:\..+)?|\.envrc|\.dev\.vars|local\.settings\.json)$/;

/** Ignored files with settings that a program needs to start. They are few and small, so worth copying into each checkout. */
async function ignoredSettings(host: GitHost, root: string): Promise<string[]> {
  const args = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
  const { stdout } = await git(host, args, { cwd: root, timeoutMs: DEADLINE_MS });
  const files = stdout.split("\0").filter((path) => SETTINGS.test(basename(path)) && !path.endsWith("/"));
  const isTopEnv = (path: string) => path.startsWith(".env") && !path.includes("/") && path !== ".envrc";
  const top = files.filter(isTopEnv);
  const rest = files.filter((path) => !isTopEnv(path) && !/[*?[\]{}!\\\u0000-\u001f]/.test(path)).slice(0, 20);
  return [...(top.length > 0 ? [".env*"] : []), ...rest];
}
