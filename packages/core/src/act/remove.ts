import { join } from "node:path";
import { failpoint } from "../host/failpoint.ts";
import { isThere } from "../host/files.ts";
import { AoError, toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import type { ActCall } from "./call.ts";
import { checkoutConfig } from "./start.ts";

/** Keeps the work, then removes the checkout. Nothing is removed that could not be kept. */
export async function remove(call: ActCall, action: { key: string; dropUnreadable?: boolean }): Promise<ToldFact[]> {
  const { record, project, paths } = call;
  const workspace = await call.plugins.workspace();
  const path = record.workspacePath;
  if (path === null) {
    await workspace.undo?.(checkoutConfig(call, action));
    return [{ kind: "removed", preservedPath: record.preservedPath }];
  }
  const into = `${paths.preserved}_${record.launch.last?.number ?? 0}`;
  if (!(await (workspace.exists?.(path) ?? true))) {
    // An earlier try may have been interrupted in the middle.
    const notes = (await workspace.destroy(path, { preserved: into, signal: call.signal })) ?? [];
    return [{ kind: "removed", preservedPath: isThere(into) ? into : record.preservedPath, notes }];
  }
  if (workspace.preserve === undefined) {
    throw new AoError(
      "REFUSED",
      `the workspace plugin ${record.workspace} cannot keep the work of ${record.id}, so it stays`,
      {
        hint: `Look at ${path} and remove it yourself if nothing in it is needed.`,
      },
    );
  }
  await prepareRemoval(call, path);
  const dropUnreadable = action.dropUnreadable === true;
  const kept = await workspace.preserve(path, project, { into, dropUnreadable, signal: call.signal });
  failpoint("remove.after-preserve");
  const said = (await workspace.destroy(path, { preserved: kept.path, signal: call.signal })) ?? [];
  failpoint("remove.after-destroy");
  const unreadable = kept.unreadable ?? [];
  const notes = [...new Set([...(kept.notes ?? []), ...said])];
  return [{ kind: "removed", preservedPath: kept.path, notes, ...(unreadable.length > 0 ? { unreadable } : {}) }];
}

/** Runs the project's `preDestroy` commands. If they fail, the removal continues and the log says so. */
async function prepareRemoval(call: ActCall, path: string): Promise<void> {
  const { record, project, paths } = call;
  const workspace = await call.plugins.workspace();
  if (workspace.preDestroy === undefined || project.preDestroy.length === 0) return;
  const info = { path, branch: record.branch, sessionId: record.id, projectId: record.projectId };
  try {
    await workspace.preDestroy(info, project, {
      environment: await call.environment(),
      logFile: join(paths.sessionDir, "pre-destroy.log"),
      signal: call.signal,
    });
  } catch (error) {
    call.log.warn(`preDestroy of ${record.id}: ${toAoError(error).message}`);
  }
}
