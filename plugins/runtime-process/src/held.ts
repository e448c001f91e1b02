import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import { removeTree } from "@agent-orchestrator/plugin-kit/files/remove-tree";
import { removeFile } from "@agent-orchestrator/plugin-kit/files/whole";
import { isRunning } from "@agent-orchestrator/plugin-kit/process";
import { processTree } from "@agent-orchestrator/plugin-kit/process-tree";
import { isAgentRunning } from "./judge.ts";
import { handleOf, indexFile, listPlaces, type Place, readClaim, readRecord, runOf } from "./layout.ts";

/** Every launch of this home whose program runs, or is being started. */
export function heldPlaces(context: PluginContext): Place[] {
  return listPlaces(context).filter(isHeld);
}

export function listHeld(context: PluginContext): { sessionId: string; instanceId: string; handle: RuntimeHandle }[] {
  return heldPlaces(context).flatMap((place) => {
    const { sessionId, instanceId } = place;
    // An interrupted launch has no record. Its runner represents it, so that it can be ended.
    const runner = readClaim(place.dir);
    const known = readRecord(place.dir) ?? (runner === null ? null : { ...runner, hasTerminal: false, runner });
    return known === null ? [] : [{ sessionId, instanceId, handle: handleOf(place, known) }];
  });
}

function isHeld(place: Place): boolean {
  const record = readRecord(place.dir);
  if (record !== null) return isAgentRunning(runOf(handleOf(place, record)));
  const claim = readClaim(place.dir);
  if (claim === null) return false;
  return isRunning(claim) || processTree({ roots: [], marks: { AO_LAUNCH: place.key } }).length > 0;
}

export const isSameSession = (one: Place, other: Place): boolean =>
  one.sessionId === other.sessionId && one.instanceId === other.instanceId;

/** Removes what ended launches of this session left, except the newest, for its last output and exit status. */
export async function forgetEnded(place: Place, context: PluginContext): Promise<void> {
  for (const other of listPlaces(context)) {
    const isEnded = isSameSession(other, place) && readRecord(other.dir) !== null && !isHeld(other);
    if (isEnded && other.key !== place.key) removeFile(indexFile(context, other.key));
  }
  const siblings = dirname(place.dir);
  const ended = names(siblings).flatMap((name) => {
    const dir = join(siblings, name);
    const record = readRecord(dir);
    if (dir === place.dir || record === null || isHeld({ ...place, dir })) return [];
    return [{ dir, record }];
  });
  ended.sort((a, b) => (a.record.startedAt < b.record.startedAt ? 1 : -1));
  for (const { dir, record } of ended.slice(1)) {
    removeFile(record.socket);
    await removeTree(dir);
  }
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
