import { realpathSync, statSync } from "node:fs";
import { dirname, relative } from "node:path";
import { plural } from "@agent-orchestrator/core/decide/text";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { InstanceState, State } from "@agent-orchestrator/core/model/state";
import { type LinkedWorktree, linkedWorktrees, openRepository } from "@agent-orchestrator/plugin-kit/git/repository";
import type { InstanceConfig } from "./instance.ts";

/** Sessions of an instance that still have a checkout. */
export const checkedOut = (state: State, instanceId: string): SessionRecord[] =>
  Object.values(state.sessions).filter(
    (record) => record.instanceId === instanceId && !record.isArchived && record.workspacePath !== null,
  );

/**
 * Those of the missing configs that are this one under another path. The repository shows it: it is the same one on the same
 * disk, or it has records of the checkouts of their sessions.
 */
export async function movedHere(
  state: State,
  gone: readonly InstanceState[],
  instance: Pick<InstanceConfig, "id" | "dir" | "projects">,
): Promise<InstanceState[]> {
  const candidates = gone.filter(({ id }) => id !== instance.id && checkedOut(state, id).length > 0);
  if (candidates.length === 0) return [];
  const worktrees = await worktreesOf(instance);
  const identities = await identitiesOf(instance.projects);
  return candidates.filter((candidate) =>
    checkedOut(state, candidate.id).some(
      (record) =>
        (identities[record.projectId] ?? "") === candidate.repositories?.[record.projectId] ||
        (worktrees.get(record.projectId) ?? []).some((tree) =>
          isIts(tree, record, { from: candidate, to: instance.dir }),
        ),
    ),
  );
}

async function worktreesOf({ projects }: Pick<InstanceConfig, "projects">): Promise<Map<string, LinkedWorktree[]>> {
  const found = new Map<string, LinkedWorktree[]>();
  for (const { id, path } of projects) {
    const repo = await openRepository(path).catch(() => null); // not usable, which is reported elsewhere
    if (repo !== null) found.set(id, await linkedWorktrees(repo));
  }
  return found;
}

/** Identifies the repository of each project. A folder keeps its inode when it is renamed. */
export async function identitiesOf(
  projects: readonly Pick<ProjectConfig, "id" | "path">[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { id, path } of projects) {
    const repo = await openRepository(path).catch(() => null); // not usable, which is reported elsewhere
    const stat = repo === null ? undefined : statSync(repo.commonDir, { throwIfNoEntry: false });
    // Inodes are reused, so the creation time distinguishes two folders.
    if (stat !== undefined && stat.birthtimeMs > 0) found[id] = `${stat.dev}:${stat.ino}:${stat.birthtimeMs}`;
  }
  return found;
}

interface Move {
  from: InstanceState;
  to: string;
}

/** The lock has the session's id, which is unique only within one `$AO_HOME`, so the path must match too. */
function isIts({ lock, path }: LinkedWorktree, record: SessionRecord, move: Move): boolean {
  if (lock !== `ao:${record.id}` || record.workspacePath === null) return false;
  return (
    path === realOf(record.workspacePath) ||
    path === movedPath(record.workspacePath, dirname(move.from.configPath), move.to)
  );
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // it is gone, so only its name is known
  }
}

/** The new path if it was below a folder that was moved, else the same path. */
export function movedPath(path: string, from: string, to: string): string {
  const below = relative(from, path);
  return below.startsWith("..") || below.startsWith("/") ? path : `${to}/${below}`;
}

export function movedError(state: State, moved: readonly InstanceState[], path: string): AoError {
  const count = moved.reduce((sum, { id }) => sum + checkedOut(state, id).length, 0);
  const from = moved.map(({ configPath }) => dirname(configPath)).join(", ");
  return new AoError("CONFIG", `${dirname(path)} was moved here from ${from} (${plural(count, "session")})`, {
    hint: "Run `ao doctor --fix` here to pick them up, or `ao forget` with the old path to forget them.",
  });
}
