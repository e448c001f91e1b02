import { join } from "node:path";
import { findSession, type Scope } from "@agent-orchestrator/core/decide/names";
import { noResult } from "@agent-orchestrator/core/decide/no-result";
import { toSessionView } from "@agent-orchestrator/core/decide/view";
import type { ActionKind } from "@agent-orchestrator/core/model/action";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import type { App, Call } from "../../app.ts";
import { HOME_CONFIG_NAME } from "../../config/find.ts";
import type { Wish } from "../../server/wishes.ts";

/** The session that a reference names, best in the caller's project. Throws NOT_FOUND or AMBIGUOUS. */
export const sessionOf = (app: App, reference: string, call: Asking): Promise<SessionRecord> =>
  find(app, reference, { call, isChange: false });

/** The same for a command that changes something: a number or a branch never means a session of another project. */
export const sessionToChange = (app: App, reference: string, call: Asking): Promise<SessionRecord> =>
  find(app, reference, { call, isChange: true });

/** All of them are found before anything is done. */
export async function idsToChange(app: App, references: readonly string[], call: Asking): Promise<string[]> {
  const records = await Promise.all(references.map((reference) => sessionToChange(app, reference, call)));
  return records.map(({ id }) => id);
}

type Asking = Pick<Call, "caller" | "agentSession">;

async function find(app: App, reference: string, { call, isChange }: { call: Asking; isChange: boolean }) {
  await app.archive.recall(reference.trim());
  const { state } = app.engine;
  if (Object.hasOwn(state.sessions, reference)) return findSession(state, reference);
  return findSession(app.engine.state, reference, { projects: await projectsAround(app, call), isChange });
}

/** The project of the caller's session or folder; in a config's folder, all of its projects; elsewhere none. */
async function projectsAround(app: App, { caller, agentSession }: Asking): Promise<Scope["projects"]> {
  const id = agentSession ?? app.world.sessionAt(caller.cwd);
  const own = id === null ? undefined : app.engine.state.sessions[id];
  if (own !== undefined) return [own];
  const isIn = (path: string) => caller.cwd === path || caller.cwd.startsWith(`${path}/`);
  // A config that is broken at the moment still has the projects that it had.
  const known = () => app.configs.all().find(({ dir }) => isIn(dir)) ?? null;
  const here = await app.configs.look(caller).catch(known);
  const projects = here?.projects ?? [];
  const [nearest] = projects.filter(({ path }) => isIn(path)).sort((a, b) => b.path.length - a.path.length);
  const isUsers = here?.path === join(app.home, HOME_CONFIG_NAME);
  const around = nearest === undefined ? (isUsers ? [] : projects) : [nearest];
  return around.map(({ instanceId, id: projectId }) => ({ instanceId, projectId }));
}

export function viewOf(app: App, id: string): SessionView {
  const record = app.engine.state.sessions[id];
  if (record === undefined) throw new AoError("NOT_FOUND", `no session ${id}`);
  return liveView(app, record);
}

/** Adds what is known only while it happens. */
export function liveView(app: App, record: SessionRecord): SessionView {
  const setUp = app.world.setUps.of(record.id);
  const view = toSessionView(record, app.world.decideContext(record));
  const look = app.observers.lastLook(record.id);
  const pr = view.pr === null || look === null ? view.pr : { ...view.pr, asOf: look.at };
  return { ...view, pr, ...(setUp === null ? {} : { setUp }) };
}

/** The user has seen it, so what only needed a look no longer needs them. */
export function noteLook(
  app: App,
  { id, attention }: SessionRecord,
  { agentSession }: Pick<Call, "agentSession">,
): void {
  if (agentSession !== null || attention === null) return;
  const record = app.engine.state.sessions[id];
  if (record === undefined || noResult(record, app.world.decideContext(record)) === null) return;
  app.engine.tell(id, [{ kind: "human-did", what: "looked" }]);
}

/** The user is dealing with it, so nobody need be reminded of it. */
export function noteAttended(app: App, record: SessionRecord, { agentSession }: Pick<Call, "agentSession">): void {
  if (agentSession !== null || record.attention === null) return;
  app.engine.tell(record.id, [{ kind: "human-did", what: "attended" }]);
}

/** The session of a wish that is known, or else the one that a reference names. A later session of that name is not meant. */
export async function sessionOfWish(app: App, reference: string, call: Call): Promise<SessionRecord> {
  const [id] = call.wish.known?.sessionIds ?? [];
  return id === undefined ? await sessionToChange(app, reference, call) : findSession(app.engine.state, id);
}

/** The same for several. */
export const idsOfWish = async (app: App, references: readonly string[], call: Call): Promise<string[]> =>
  call.wish.known?.sessionIds ?? (await idsToChange(app, references, call));

/** Throws if an action of this kind has failed since the wish was taken up. */
export function throwIfFailed(app: App, wanted: { id: string; kind: ActionKind; wish: Pick<Wish, "seq"> }): void {
  const failure = app.engine.failure(wanted.id, wanted.kind, wanted.wish.seq);
  if (failure === null) return;
  throw new AoError(failure.code, `${wanted.id}: ${failure.message}`, {
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}

/** Its checkout. Throws NOT_FOUND, and says how to have it back. */
export function folderOf({ id, workspacePath, isArchived, status }: SessionRecord): string {
  if (workspacePath !== null && !isArchived) return workspacePath;
  throw new AoError("NOT_FOUND", `${id} has no folder now (${status})`, {
    hint: `Run \`ao restore ${id}\` to bring it back.`,
  });
}
