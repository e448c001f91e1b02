import { rmdirSync } from "node:fs";
import { resolve } from "node:path";
import { plural } from "@agent-orchestrator/core/decide/text";
import { AoError, toAoError } from "@agent-orchestrator/core/model/errors";
import type { LeftSession } from "@agent-orchestrator/core/protocol/results";
import { trashEmptied } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { z } from "zod";
import type { App } from "../app.ts";
import { defineRequest } from "../define-request.ts";
import { heldBy, leave, leftBefore, previewOf } from "../sessions/leaving.ts";

/** Ends the agents, keeps their work below the state folder, and removes all records of `ao` from the repositories. Branches stay. */
export const request = defineRequest({
  access: "user",
  effect: "change",
  needsTerminal: true,
  params: z.object({ isConfirmed: z.boolean().optional() }),
}).returns<{ configs: string[]; sessions: LeftSession[]; home: string }>(async (app, { isConfirmed }, call) => {
  const before = leftBefore(app, call);
  const records = before ?? heldBy(app.engine.state, () => true);
  if (before === null && isConfirmed !== true && records.length > 0) {
    const previews = await previewOf(app, records);
    const unmerged = previews.filter((one) => one.unmerged !== null);
    const named = unmerged.map((one) => `${one.session} (${one.unmerged}, branch ${one.branch})`).join(", ");
    const work = unmerged.length === 0 ? "all of their work is merged" : `not merged, and kept: ${named}`;
    throw new AoError(
      "REFUSED",
      `this would end ${plural(records.length, "session")} and remove the checkouts; ${work}`,
      {
        hint: "Add --yes to go ahead.",
        details: { sessions: previews },
      },
    );
  }
  const now = Object.values(app.engine.state.instances);
  const marks = Object.fromEntries(now.map(({ id, configPath }) => [`config ${id}`, configPath]));
  const known = call.wish.known?.marks ?? {};
  const sessions = await leave(app, { records, marks }, call);
  await clearOutside(app);
  const named = Object.entries({ ...known, ...marks }).filter(([name]) => name.startsWith("config "));
  const configs = named.map(([, path]) => String(path));
  for (const id of Object.keys(app.engine.state.instances)) await app.configs.forget(id);
  return { data: { configs, sessions, home: app.home } };
});

/** What is outside the state folder: checkouts of CI, and folders for checkouts that are empty now. */
async function clearOutside(app: App): Promise<void> {
  for (const project of app.configs.all().flatMap(({ projects }) => projects)) {
    try {
      await (await app.world.projectPlugins(project).scm()).uninstall?.();
    } catch (error) {
      app.world.log.warn(`${project.id}: not everything outside ${app.home} was removed: ${toAoError(error).message}`);
    }
  }
  await trashEmptied();
  for (const { path, worktreeDir } of app.configs.all().flatMap(({ projects }) => projects)) {
    if (worktreeDir !== null) dropIfEmpty(resolve(path, worktreeDir));
  }
}

function dropIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not empty, or there is none.
  }
}
