import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { ProjectConfig } from "@agent-orchestrator/core/model/project";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import { linkedWorktrees, openRepository } from "@agent-orchestrator/plugin-kit/git/repository";
import type { App } from "../app.ts";

interface Orphan {
  project: ProjectConfig;
  path: string;
  sessionId: string;
}

/** Locked worktree records of a deleted state folder. Git treats their branches as checked out until the records are removed. */
export async function orphanRows(app: App): Promise<DoctorRow[]> {
  const orphans = await orphansOf(app);
  return orphans.map(({ project, path }) => ({
    area: "checkout",
    level: "warning",
    text: `${project.path} has a locked record of a worktree that is gone with its folder: ${path}`,
    hint: "`ao doctor --fix` removes the record, and frees its branch. If only its disk is not mounted, mount that instead.",
  }));
}

export async function removeOrphans(app: App): Promise<DoctorRow[]> {
  const rows: DoctorRow[] = [];
  for (const { project, path, sessionId } of await orphansOf(app)) {
    try {
      for (const { name } of app.registry.manifests("workspace")) {
        const workspace = await app.world.projectPlugins(project, { workspace: name }).workspace();
        await workspace.release?.(path, project, { sessionId });
      }
      rows.push({ area: "checkout", level: "ok", text: `fixed: the record of ${path} is removed` });
    } catch (error) {
      rows.push({ area: "checkout", level: "error", text: `${path}: ${toAoError(error).message}` });
    }
  }
  return rows;
}

async function orphansOf(app: App): Promise<Orphan[]> {
  const ours = new Set(Object.values(app.engine.state.sessions).map(({ workspacePath }) => workspacePath));
  const found: Orphan[] = [];
  for (const project of app.configs.all().flatMap(({ projects }) => projects)) {
    const repo = await openRepository(project.path).catch(() => null); // not usable, which is reported elsewhere
    for (const { lock, path } of repo === null ? [] : await linkedWorktrees(repo)) {
      const sessionId = /^ao:(.+)$/.exec(lock ?? "")?.[1];
      const isGone = !existsSync(path) && !existsSync(dirname(path));
      if (sessionId !== undefined && isGone && !ours.has(path)) found.push({ project, path, sessionId });
    }
  }
  return found;
}
