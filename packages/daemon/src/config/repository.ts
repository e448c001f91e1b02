import { lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { AoError } from "@agent-orchestrator/core/model/errors";

/**
 * The real path of the top folder of the repository at a path. Looks only at files, so that nothing of an untrusted
 * config runs. Throws CONFIG if there is none.
 */
export function repositoryAt(path: string, projectId: string): string {
  const dir = realFolder(path, projectId);
  for (let at = dir; ; at = dirname(at)) {
    if (isRepository(at)) return at;
    if (at === dirname(at)) break;
  }
  throw new AoError("CONFIG", `project ${projectId}: ${path} is not a git repository`, {
    hint: `Run \`git init\` there, or correct \`projects.${projectId}.path\`.`,
  });
}

function realFolder(path: string, projectId: string): string {
  const hint = `Correct \`projects.${projectId}.path\`.`;
  try {
    if (statSync(path).isDirectory()) return realpathSync(path);
  } catch (cause) {
    throw new AoError("CONFIG", `project ${projectId}: there is no folder ${path}`, { hint, cause });
  }
  throw new AoError("CONFIG", `project ${projectId}: ${path} is not a folder`, { hint });
}

export function isRepository(dir: string): boolean {
  const entry = join(dir, ".git");
  const stat = lstatSync(entry, { throwIfNoEntry: false });
  if (stat === undefined)
    return isGitFolder(dir) && lstatSync(join(dir, "refs"), { throwIfNoEntry: false }) !== undefined;
  if (stat.isDirectory() || stat.isSymbolicLink()) return isGitFolder(entry);
  // A linked checkout or submodule: a file that names the real folder.
  return stat.isFile() && stat.size < 8192 && readFileSync(entry, "utf8").startsWith("gitdir:");
}

function isGitFolder(dir: string): boolean {
  const isThere = (name: string) => lstatSync(join(dir, name), { throwIfNoEntry: false }) !== undefined;
  return isThere("HEAD") && isThere("objects");
}
