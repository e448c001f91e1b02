import { createHash } from "node:crypto";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDir, readText } from "@agent-orchestrator/core/host/files";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { PluginContext } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";

/** A longer path does not fit into a socket's address everywhere. Node then binds a shortened name. */
const MAX_SOCKET_BYTES = 100;

export const folderOf = (sessionDir: string): string => join(sessionDir, "acp");
export const specFile = (dir: string): string => join(dir, "spec.json");
export const journalFile = (dir: string): string => join(dir, "journal.jsonl");
/** What the agent printed outside the protocol. */
export const logFile = (dir: string): string => join(dir, "agent.log");
/** What the user saw, as plain text. */
export const transcriptFile = (dir: string): string => join(dir, "transcript.txt");
/** How much of the journal the daemon has reported. */
export const toldFile = (dir: string): string => join(dir, "told");

export function makePrivateFolder(dir: string): void {
  ensureDir(dir);
  chmodSync(dir, 0o700);
}

export function socketOf(socketDir: string, sessionDir: string): string {
  const name = createHash("sha256").update(sessionDir).digest("hex").slice(0, 16);
  const socket = join(socketDir, `acp-${name}.sock`);
  if (Buffer.byteLength(socket) <= MAX_SOCKET_BYTES) return socket;
  throw new AoError("UNAVAILABLE", `the socket path is too long (${MAX_SOCKET_BYTES} bytes fit): ${socket}`, {
    hint: "Use a shorter AO_HOME.",
  });
}

/** It contains the first prompt. */
const MAX_SPEC_BYTES = 16 << 20;

const SpecShape = z.looseObject({ version: z.literal(1), socket: z.string(), cwd: z.string() });
export type KnownSpec = z.infer<typeof SpecShape>;

/** The spec of this session's last launch, or null if there was none. */
export function readSpec(sessionDir: string): KnownSpec | null {
  const text = readText(specFile(folderOf(sessionDir)), { maxBytes: MAX_SPEC_BYTES });
  if (text === null) return null;
  const parsed = SpecShape.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

const HOST = "acp-host-entry.js";

/** Where the host is: where the context says, else next to this module or its bundle, else in the build of this checkout. */
export function hostPath(context?: Pick<PluginContext, "programsDir">): string {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const places = [context?.programsDir, here, join(here, "../../../packages/cli/dist")];
  const found = places.flatMap((place) => (place === undefined ? [] : [join(place, HOST)])).find(existsSync);
  if (found !== undefined) return found;
  throw new AoError("PLUGIN", `${HOST} is missing from this installation of ao`, {
    hint: "Install ao again (in a checkout: npm run build).",
  });
}
