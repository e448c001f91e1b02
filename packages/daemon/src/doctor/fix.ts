import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import { projectKey } from "@agent-orchestrator/core/model/ids";
import type { Caller } from "@agent-orchestrator/core/protocol/frames";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { App } from "../app.ts";
import { movedHere, movedPath } from "../config/moved.ts";
import { heldBy } from "../sessions/leaving.ts";
import { lookAgain } from "../sessions/look-again.ts";
import { removeOrphans } from "./orphans.ts";
import { connectionOf } from "./places.ts";

/** Repairs what was moved: configs and their repositories, the state folder, checkouts. One row for each repair, done or failed. */
export async function fixPlaces(app: App, caller: Caller): Promise<DoctorRow[]> {
  await recallMoved(app);
  const moves = await adoptMoved(app, caller);
  await followPaths(app, [...moves, ...homeMoves(app)]);
  const rows = [
    ...moves.map(({ from, to }) => fixed("config", `${from} has moved to ${to}`)),
    ...(await reconnectAll(app)),
    ...(await removeOrphans(app)),
  ];
  if (rows.length > 0) lookAgain(app, "the repair");
  return rows;
}

const fixed = (area: string, text: string): DoctorRow => ({ area, level: "ok", text: `fixed: ${text}` });

interface Move {
  from: string;
  to: string;
}

/** The config of the caller's folder, if it was known under another path. */
async function adoptMoved(app: App, caller: Caller): Promise<Move[]> {
  const here = await app.configs.look(caller).catch(() => null); // none, or broken, which the examination reports
  if (here === null) return [];
  const moved = await movedHere(app.engine.state, app.configs.gone(), here);
  for (const { id } of moved) await app.configs.adopt(id, here.path);
  return moved.map(({ configPath }) => ({ from: dirname(configPath), to: here.dir }));
}

/** Sessions that were put away and whose kept work is not at its path: their records are to follow it as well. */
async function recallMoved(app: App): Promise<void> {
  for (const { id, kept } of Object.values(app.engine.state.archive)) {
    if (kept !== null && !existsSync(kept.path)) await app.archive.recall(id).catch(() => undefined); // `ao show` says what is wrong with it
  }
}

/** A state folder that was moved still has its checkouts below it. If the old place still exists, it was only copied. */
function homeMoves(app: App): Move[] {
  const homes = new Set<string>();
  for (const record of Object.values(app.engine.state.sessions)) {
    const below = join(projectKey(record.instanceId, record.projectId));
    for (const path of [record.workspacePath, record.preservedPath]) {
      const at = path?.indexOf(`/${below}/`) ?? -1;
      if (at > 0) homes.add((path ?? "").slice(0, at));
    }
  }
  return [...homes].flatMap((from) => (from === app.home || existsSync(from) ? [] : [{ from, to: app.home }]));
}

/** Records the new path of what is missing at its old path and present at the new one. */
async function followPaths(app: App, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  const known = Object.values(app.engine.state.sessions).flatMap(({ workspacePath, preservedPath }) =>
    [workspacePath, preservedPath].filter((path) => path !== null),
  );
  const found = known.flatMap((path): [string, string][] => {
    if (existsSync(path)) return [];
    const there = moves.map(({ from, to }) => movedPath(path, from, to)).find((each) => existsSync(each));
    return there === undefined ? [] : [[path, there]];
  });
  await app.engine.command({ kind: "follow-paths", paths: Object.fromEntries(found) });
}

async function reconnectAll(app: App): Promise<DoctorRow[]> {
  const rows: DoctorRow[] = [];
  for (const record of heldBy(app.engine.state, ({ workspacePath }) => workspacePath !== null)) {
    const project = app.world.project(record);
    const path = record.workspacePath;
    if (project === null || path === null || !existsSync(path)) continue;
    try {
      if ((await connectionOf(app, record, { project, path })) !== "moved") continue;
      const workspace = await app.world.plugins(record).workspace();
      await workspace.reconnect?.(path, project, { sessionId: record.id });
      rows.push(fixed("checkout", `${record.id} is connected to ${project.path} again`));
    } catch (error) {
      rows.push({ area: "checkout", level: "error", text: `${record.id}: ${toAoError(error).message}` });
    }
  }
  return rows;
}
