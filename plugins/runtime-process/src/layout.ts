import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureDir } from "@agent-orchestrator/core/host/files";
import { newId } from "@agent-orchestrator/core/host/ids";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext, RuntimeHandle } from "@agent-orchestrator/core/slots/common";
import type { RuntimeCreateConfig } from "@agent-orchestrator/core/slots/runtime";
import { readIfThere } from "@agent-orchestrator/plugin-kit/files/whole";
import { z } from "zod";
import type { ExitRecord, RunRecord } from "./wire.ts";

/**
 * The files of one launch. `dir` has claim.json (who starts it), record.json (who runs), exit.json (how it ended),
 * output.log and output.old, written (ids of messages), messages/ and runner.log.
 */
export const Place = z.looseObject({
  version: z.literal(1),
  key: z.string(),
  sessionId: z.string(),
  instanceId: z.string(),
  dir: z.string(),
  socket: z.string(),
  /** Variables that only this session's programs have. */
  marks: z.record(z.string(), z.string()),
});
export type Place = z.infer<typeof Place>;

/** What a handle contains: enough to judge and end the program even if every file is gone. */
export const Run = Place.extend({
  hasTerminal: z.boolean(),
  pid: z.number().int(),
  startId: z.string().nullable(),
  runner: z.object({ pid: z.number().int(), startId: z.string() }),
});
export type Run = z.infer<typeof Run>;

export const RUNTIME_NAME = "process";
/** A longer path does not fit into a socket's address everywhere. Node then binds a shortened name. */
const MAX_SOCKET_BYTES = 100;

const hash = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

export function placeOf(config: RuntimeCreateConfig, context: PluginContext): Place {
  const instanceId = config.instanceId ?? "local";
  const name = `${instanceId}-${config.sessionId}`;
  const launch = hash(config.intentId ?? newId(), 12);
  const base = config.sessionDir ?? join(context.stateDir, "sessions", name);
  const key = `${name}-${launch}`;
  const socket = join(context.socketDir, `rp-${hash(`${context.home} ${key}`, 16)}.sock`);
  if (Buffer.byteLength(socket) > MAX_SOCKET_BYTES) {
    throw new AoError("UNAVAILABLE", `the socket path is too long (${MAX_SOCKET_BYTES} bytes fit): ${socket}`, {
      hint: "Use a shorter AO_HOME.",
    });
  }
  const { AO_SESSION_ID, AO_HOME } = config.environment;
  const marks: Record<string, string> =
    AO_SESSION_ID === undefined || AO_HOME === undefined ? { AO_LAUNCH: key } : { AO_SESSION_ID, AO_HOME };
  const dir = join(base, "process", launch);
  return { version: 1, key, sessionId: config.sessionId, instanceId, dir, socket, marks };
}

export function handleOf(
  place: Place,
  record: Pick<RunRecord, "hasTerminal" | "pid" | "startId" | "runner">,
): RuntimeHandle {
  const { hasTerminal, pid, startId, runner } = record;
  const data: Run = { ...place, hasTerminal, pid, startId, runner };
  return { id: place.key, runtimeName: RUNTIME_NAME, data };
}

export function runOf(handle: RuntimeHandle): Run {
  const parsed = Run.safeParse(handle.data);
  if (handle.runtimeName === RUNTIME_NAME && parsed.success) return parsed.data;
  throw new AoError("FAILED", `not a handle of the runtime ${RUNTIME_NAME}: ${handle.runtimeName} ${handle.id}`);
}

export function makeFolder(dir: string): void {
  ensureDir(dir);
}

export const indexFile = (context: PluginContext, key: string): string =>
  join(context.stateDir, "launches", `${key}.json`);

/** Every launch that was started here and not destroyed. */
export function listPlaces(context: PluginContext): Place[] {
  const dir = join(context.stateDir, "launches");
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names.flatMap((name) => {
    if (!name.endsWith(".json")) return [];
    const place = Place.safeParse(json(readIfThere(join(dir, name))));
    if (place.success) return [place.data];
    context.log.warn("a launch record cannot be read", { file: join(dir, name) });
    return [];
  });
}

const RunRecordShape = z.looseObject({
  version: z.literal(1),
  key: z.string(),
  sessionId: z.string(),
  instanceId: z.string(),
  socket: z.string(),
  hasTerminal: z.boolean(),
  pid: z.number().int(),
  startId: z.string().nullable(),
  runner: z.object({ pid: z.number().int(), startId: z.string() }),
  startedAt: z.string(),
});

const Exit = z.looseObject({ code: z.number().int().nullable(), signal: z.string().nullable(), at: z.string() });
const Claim = z.object({ pid: z.number().int(), startId: z.string() });

export function readRecord(dir: string): RunRecord | null {
  return RunRecordShape.safeParse(json(readIfThere(join(dir, "record.json")))).data ?? null;
}

export function readExit(dir: string): ExitRecord | null {
  return Exit.safeParse(json(readIfThere(join(dir, "exit.json")))).data ?? null;
}

export function readClaim(dir: string): z.infer<typeof Claim> | null {
  return Claim.safeParse(json(readIfThere(join(dir, "claim.json")))).data ?? null;
}

function json(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null; // These files appear whole or not at all. Anything else is not ours.
  }
}
