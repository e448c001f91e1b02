import { isAoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { changeRecord, readRecord } from "./record.ts";
import type { Seen } from "./seen.ts";
import type { Server } from "./server.ts";
import { PermissionRequest } from "./wire.ts";

/** The part of a request that its question shows. A diff would make the note large. */
const NOTED = ["command", "url"];

/**
 * What the server lists as open. If it can't list them (1.18.33 refuses its whole list because of one request that its own schema does
 * not know, such as a `webfetch` without a timeout), what its events reported, which is recorded in the session's folder.
 */
export async function openPermissions(
  server: Server,
  { sessionDir, signal }: { sessionDir: string; signal: AbortSignal | undefined },
): Promise<PermissionRequest[]> {
  try {
    return (await server.get("/permission", z.array(PermissionRequest), { signal })) ?? [];
  } catch (error) {
    if (!isAoError(error) || error.code !== "FAILED") throw error;
    return readRecord(sessionDir)?.open ?? [];
  }
}

/** Records what is open, for the next daemon too. Written only when it changes. */
export function notePermissions(sessionDir: string, { asks }: Seen): void {
  const open = [...asks.values()].flatMap((ask) => (ask.kind === "permission" ? [ask.request] : []));
  const before = readRecord(sessionDir)?.open ?? [];
  if (idsOf(open) !== idsOf(before)) changeRecord(sessionDir, { open: open.map(withoutDiff) });
}

const idsOf = (requests: readonly PermissionRequest[]): string => requests.map(({ id }) => id).join();

const withoutDiff = (request: PermissionRequest): PermissionRequest => ({
  ...request,
  metadata: Object.fromEntries(Object.entries(request.metadata).filter(([name]) => NOTED.includes(name))),
});
