import { z } from "zod";
import { openPermissions } from "../asks.ts";
import type { Reached } from "./reach.ts";
import {
  ABORTED,
  type Happening,
  isOfFamily,
  nothingSeen,
  type Seen,
  take,
  takeConversation,
  takeMessage,
  takePart,
} from "./seen.ts";
import { Conversation, Message, QuestionRequest, Status } from "./wire.ts";

/** A long conversation is some megabytes. */
const TRANSCRIPT_MS = 60_000;

/** Everything that the server knows about the conversation now. Its events continue from here. */
export async function snapshot(
  { server }: Reached,
  { root, now, sessionDir, signal }: { root: string; now: number; sessionDir: string; signal: AbortSignal },
): Promise<{ seen: Seen; happenings: Happening[] }> {
  const seen = nothingSeen(root, now);
  const ask = { signal };
  const [own, children, statuses, permissions, questions, messages] = await Promise.all([
    server.get(`/session/${root}`, Conversation, ask),
    server.get(`/session/${root}/children`, z.array(Conversation), ask),
    server.get("/session/status", z.record(z.string(), Status), ask),
    openPermissions(server, { sessionDir, signal }),
    server.get("/question", z.array(QuestionRequest), ask),
    server.get(`/session/${root}/message`, z.array(Message), { signal, timeoutMs: TRANSCRIPT_MS }),
  ]);
  const happenings: Happening[] = [];
  for (const each of [own, ...(children ?? [])]) if (each !== null) happenings.push(...takeConversation(seen, each));
  await findParents(seen, Object.keys(statuses ?? {}), (id) => server.get(`/session/${id}`, Conversation, ask));
  for (const [id, status] of Object.entries(statuses ?? {})) {
    if (status.type !== "idle") seen.statuses.set(id, { status, at: now, triedAfter: null });
  }
  for (const request of permissions) take(seen, { type: "permission.asked", properties: request }, now);
  for (const request of questions ?? []) take(seen, { type: "question.asked", properties: request }, now);
  for (const message of messages ?? []) happenings.push(...takeWhole(seen, message, now));
  takeLast(seen, messages ?? []);
  return { seen, happenings };
}

/** A sub-agent of a sub-agent is not among the children, so follow the chain of parents. */
async function findParents(
  seen: Seen,
  ids: string[],
  look: (id: string) => Promise<Conversation | null>,
): Promise<void> {
  const todo = [...ids];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (seen.parents.has(id) || isOfFamily(seen, id)) continue;
    const found = await look(id);
    if (found === null) continue;
    takeConversation(seen, found);
    if (found.parentID !== undefined) todo.push(found.parentID);
  }
}

function takeWhole(seen: Seen, { info, parts }: Message, now: number): Happening[] {
  const happenings = takeMessage(seen, info, now);
  const news = parts.filter((part) => part.type === "text" || seen.statuses.size > 0);
  return [...happenings, ...news.flatMap((part) => takePart(seen, part, now))].filter(
    ({ kind }) => kind !== "worked" && kind !== "ran",
  );
}

/** How and when the last turn ended, if no turn runs. */
function takeLast(seen: Seen, messages: readonly Message[]): void {
  const last = messages.findLast(({ info }) => info.role === "assistant")?.info;
  if (last === undefined || seen.statuses.has(seen.root)) return;
  const ended = last.time.completed ?? last.time.created;
  seen.restedAt = ended;
  if (last.error !== undefined) seen.failure = { failure: last.error, at: ended };
  if (last.error?.name === ABORTED && (seen.unanswered?.created ?? ended) <= ended) seen.unanswered = null;
}
