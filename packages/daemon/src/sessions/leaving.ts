import { plural } from "@agent-orchestrator/core/decide/text";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { SessionRecord, Work } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import type { LeftSession } from "@agent-orchestrator/core/protocol/results";
import type { App, Call } from "../app.ts";
import { endSessions } from "../handlers/kill.ts";

/** Sessions that still have something: an agent, a checkout, a place in the queue. */
export const heldBy = (state: State, fits: (record: SessionRecord) => boolean): SessionRecord[] =>
  Object.values(state.sessions).filter((record) => !record.isArchived && fits(record));

/** Commits and edits that are not merged. Null if there are none. */
async function unmergedOf(app: App, record: SessionRecord): Promise<string | null> {
  const work = await lookAt(app, record);
  if (work === null) return record.workspacePath === null ? null : "an unknown amount of work";
  const isMerged = record.pr.snapshot?.state === "merged" || record.ending?.status === "merged";
  const commits = isMerged || work.commitsAhead === 0 ? [] : [plural(work.commitsAhead, "commit")];
  const files = work.changedFiles === 0 ? [] : [plural(work.changedFiles, "changed file")];
  return [...commits, ...files].join(", ") || null;
}

/** As it is now, or as last seen if that cannot be read. */
async function lookAt(app: App, record: SessionRecord): Promise<Pick<Work, "commitsAhead" | "changedFiles"> | null> {
  const { workspacePath: path, baseBranch, baseSha } = record;
  const project = app.world.project(record) ?? app.world.remains(record);
  if (project === null || path === null) return record.work;
  const base = { ...(baseBranch === null ? {} : { baseBranch }), ...(baseSha === null ? {} : { baseSha }) };
  try {
    const workspace = await app.world.plugins(record).workspace();
    return (await workspace.inspect?.(path, project, base)) ?? record.work;
  } catch {
    return record.work; // what cannot be kept is reported on leaving
  }
}

/** What would happen to each, for the question that is asked first. */
export const previewOf = (app: App, records: readonly SessionRecord[]): Promise<LeftSession[]> =>
  Promise.all(
    records.map(async (record) => ({
      session: record.id,
      projectId: record.projectId,
      branch: record.branch,
      unmerged: await unmergedOf(app, record),
      keptIn: null,
      leftAt: record.workspacePath,
      problem: null,
    })),
  );

/**
 * Ends the agents, keeps their work and removes the checkouts. What cannot be kept stays where it is, and is the user's from then
 * on. What the wish names has been taken up before, and what has been left stays left. `marks` are kept with it.
 */
export async function leave(
  app: App,
  { records, marks }: { records: readonly SessionRecord[]; marks: Record<string, string> },
  call: Call,
): Promise<LeftSession[]> {
  const rows = call.wish.known?.result ?? {};
  const known = records.flatMap(({ id }) => (rows[id] === undefined ? [] : [rows[id] as LeftSession]));
  const previews = [
    ...known,
    ...(await previewOf(
      app,
      records.filter(({ id }) => rows[id] === undefined),
    )),
  ];
  const byId = Object.fromEntries(previews.map((row) => [row.session, row]));
  await call.wish.keep({ sessionIds: Object.keys(byId), result: byId, marks });
  const left: LeftSession[] = [];
  for (const row of previews) left.push(await leaveOne(app, row, call));
  return left;
}

/** The sessions that a wish names, or null if it is new. */
export function leftBefore(app: App, { wish }: Pick<Call, "wish">): SessionRecord[] | null {
  const { sessions } = app.engine.state;
  return wish.known?.sessionIds.flatMap((id) => sessions[id] ?? []) ?? null;
}

async function leaveOne(app: App, row: LeftSession, call: Call): Promise<LeftSession> {
  const id = row.session;
  const before = app.engine.state.sessions[id];
  if (before?.isArchived === true) {
    const { preservedPath: keptIn, workspacePath: leftAt } = before;
    return { ...row, keptIn, leftAt, problem: leftAt === null ? null : "its work could not be kept" };
  }
  try {
    await endSessions(app, [id], { remove: true, call });
    const { preservedPath = null } = app.engine.state.sessions[id] ?? {};
    return { ...row, keptIn: preservedPath, leftAt: null };
  } catch (error) {
    call.signal.throwIfAborted();
    const problem = toAoError(error).message;
    await release(app, id);
    await app.engine.command({ kind: "archive-in-place", sessionId: id });
    return { ...row, problem };
  }
}

/** Unlocks the repository's record of the checkout, so that its owner may remove it. */
async function release(app: App, id: string): Promise<void> {
  const record = app.engine.state.sessions[id];
  if (record === undefined) return;
  const project = app.world.project(record) ?? app.world.remains(record);
  if (project === null || record.workspacePath === null) return;
  try {
    const workspace = await app.world.plugins(record).workspace();
    await workspace.release?.(record.workspacePath, project, { sessionId: record.id });
  } catch (error) {
    app.world.log.warn(`${record.id}: its worktree stays locked: ${toAoError(error).message}`);
  }
}
