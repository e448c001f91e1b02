import { isAoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { changeRecord, readRecord } from "./record.ts";
import type { Seen } from "./seen.ts";
import type { Server } from "./server.ts";
import { PermissionRequest } from "./wire.ts";

/** Of what a request is about, what its question says; a diff would make the note large. */
const NOTED = ["command", "url"];

/**
 * What the server says is open. Where it cannot say (1.18.33 refuses its whole list over one request that its own schema does not
 * know, as that of a `webfetch` without a timeout), what its events told of: they are noted in the session's folder.
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

/** Keeps the note of what is open, for the next daemon too. Written only when it changes. */
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
