import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import { at } from "@agent-orchestrator/core/model/time";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import type { App } from "./app.ts";

const EVERY_MS = 10 * 60_000;
const WISH_KEPT_MS = 24 * 3_600_000;

/** Regularly removes work kept beyond `cleanup.preserve`, answered wishes, and what archived sessions no longer need. */
export function startHousekeeping(app: App): { stop(): void } {
  const stopping = new AbortController();
  void keepHouse(app, stopping.signal);
  return { stop: () => stopping.abort() };
}

async function keepHouse(app: App, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await app.world.clock.sleep(EVERY_MS, signal);
      await tidy(app).catch((error: unknown) => app.world.log.warn(`housekeeping: ${String(error)}`));
    }
  } catch (error) {
    if (!signal.aborted) app.world.log.warn(`housekeeping: ${String(error)}`);
  }
}

/** Does one round. The removal of kept work is recorded first: a crash in between leaves a folder, never a false record. */
export async function tidy(app: App): Promise<void> {
  await forgetGone(app);
  const nowMs = app.world.clock.now();
  const due = Object.values(app.engine.state.sessions).filter((record) => isKeptTooLong(app, record, nowMs));
  await app.engine.change((state) => ({ state: slim(state, { nowMs, due: new Set(due.map(({ id }) => id)) }) }));
  for (const { preservedPath } of due) {
    if (preservedPath === null) continue;
    await removeTree(preservedPath).catch((error: unknown) => {
      app.world.log.warn(`housekeeping: ${preservedPath} could not be removed: ${String(error)}`);
    });
  }
}

/** Configs that were deleted with their folder, and have nothing left to restore. */
export async function forgetGone(app: App): Promise<void> {
  const { sessions } = app.engine.state;
  const isNeeded = (id: string) =>
    Object.values(sessions).some(
      ({ instanceId, isArchived, preservedPath }) => instanceId === id && (!isArchived || preservedPath !== null),
    );
  for (const { id, configPath } of app.configs.gone()) {
    if (!existsSync(dirname(configPath)) && !isNeeded(id)) await app.configs.forget(id);
  }
}

function isKeptTooLong(app: App, record: SessionRecord, nowMs: number): boolean {
  const keepMs = app.configs.get(record.instanceId)?.preserveMs ?? null;
  if (!record.isArchived || record.preservedPath === null || keepMs === null) return false;
  return at(record.statusSince) + keepMs < nowMs && at(record.lastActivityAt) + keepMs < nowMs;
}

function slim(state: State, { nowMs, due }: { nowMs: number; due: ReadonlySet<string> }): State {
  const wishes = Object.entries(state.wishes).filter(([, wish]) => at(wish.at) + WISH_KEPT_MS > nowMs);
  const sessions = Object.values(state.sessions).map((record): [string, SessionRecord] => {
    if (!record.isArchived) return [record.id, record];
    const isBulky = record.messages.length > 0 || Object.keys(record.checkLogs).length > 0;
    const light = isBulky ? { ...record, messages: [], checkLogs: {} } : record;
    return [record.id, due.has(record.id) ? { ...light, preservedPath: null } : light];
  });
  return { ...state, wishes: Object.fromEntries(wishes), sessions: Object.fromEntries(sessions) };
}
