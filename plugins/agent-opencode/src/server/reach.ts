import { realFolder } from "@agent-orchestrator/agent-kit/launch";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { isListening } from "../launch/port.ts";
import { changeRecord, type LaunchRecord, readRecord } from "../launch/record.ts";
import { openServer, type Server } from "./server.ts";
import { Conversation } from "./wire.ts";

export interface Reached {
  server: Server;
  record: LaunchRecord;
}

export interface ReachOptions {
  clock: Clock;
  signal?: AbortSignal | undefined;
}

const Path = z.looseObject({ directory: z.string() });
const RECENT = 100;

/**
 * The server of this session's program, once that is certain. Anything else that listens on that port gets nothing. Throws UNREACHABLE
 * while it does not respond, REFUSED if it belongs to another program.
 */
export async function reach(session: Session, { clock, signal }: ReachOptions): Promise<Reached> {
  const record = readRecord(session.sessionDir);
  if (record === null) throw new AoError("REFUSED", `${session.id} was not started by this plugin`);
  const server = openServer({ port: record.port, password: record.password, clock });
  const pid = session.runtimeHandle?.data.pid;
  const isOurs = typeof pid === "number" ? isListening(pid, record.port) : null;
  if (isOurs === false) throw new AoError("UNREACHABLE", `its program does not listen on port ${record.port}`);
  if (isOurs === null && !(await server.isGuarded(signal))) throw strange(record.port, "it asks for no password");
  const path = await server.get("/path", Path, { signal });
  if (path === null || realFolder(path.directory) !== record.directory) {
    throw strange(record.port, `it works in ${path?.directory ?? "no folder"}`);
  }
  return { server, record };
}

const strange = (port: number, why: string): AoError =>
  new AoError("REFUSED", `what listens on port ${port} is not this session's OpenCode: ${why}`);

const opening = new Map<string, Promise<string>>();

/** The id of the session's conversation. Starts it once if there is none yet. */
export function conversationOf(session: Session, reached: Reached, signal?: AbortSignal): Promise<string> {
  const key = `${session.sessionDir} ${session.launch}`;
  const known = opening.get(key);
  if (known !== undefined) return known;
  const asked = open(session, reached, signal).finally(() => opening.delete(key));
  opening.set(key, asked);
  return asked;
}

async function open(session: Session, { server, record }: Reached, signal?: AbortSignal): Promise<string> {
  const recorded = readRecord(session.sessionDir)?.conversation ?? null;
  if (recorded !== null) return checked(recorded, { server, record, signal });
  // A daemon that was killed between this call and the note left one without an owner, which its mark identifies. An earlier
  // launch has another mark, because a new start (such as a handoff) must not continue its conversation.
  const mark = `${session.id} ${session.createdAt} ${session.launch}`;
  const all = await server.get(`/session?roots=true&limit=${RECENT}`, z.array(Conversation), { signal });
  const orphan = all?.find(({ metadata, directory }) => metadata?.ao === mark && directory === record.directory);
  const made = orphan ?? (await server.create("/session", Conversation, { signal, body: { metadata: { ao: mark } } }));
  changeRecord(session.sessionDir, { conversation: made.id });
  return made.id;
}

async function checked(
  id: string,
  { server, record, signal }: Reached & { signal: AbortSignal | undefined },
): Promise<string> {
  const found = await server.get(`/session/${encodeURIComponent(id)}`, Conversation, { signal });
  if (found === null) throw new AoError("FAILED", `OpenCode does not know the conversation ${id} any more`);
  if (realFolder(found.directory) === record.directory) return id;
  throw new AoError("REFUSED", `the conversation ${id} belongs to ${found.directory}, not to ${record.directory}`);
}
