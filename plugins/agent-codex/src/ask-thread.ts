import { toIso } from "@agent-orchestrator/core/host/clock";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { adopt, type Memory } from "./follow.ts";
import type { Rpc } from "./rpc.ts";
import { Thread } from "./wire.ts";

const Loaded = z.looseObject({ data: z.array(z.string()) });
const Answer = z.looseObject({ thread: Thread, model: z.string().nullish() });

interface ThreadQuestion {
  method: "thread/read" | "thread/resume";
  id: string;
  signal?: AbortSignal;
}

/**
 * What the server says of one thread. Its status is left out when news of it came while we asked: the answer may be from before, and
 * would stand for ever.
 */
export async function askThread(memory: Memory, rpc: Rpc, { method, id, signal }: ThreadQuestion): Promise<Thread> {
  const before = memory.statusNotes.get(id);
  const params = { threadId: id, ...(method === "thread/resume" ? { excludeTurns: true } : {}) };
  const { thread, model } = Answer.parse(await rpc.request(method, params, signal));
  const isNews = memory.statusNotes.get(id) !== before;
  return { ...thread, model: model ?? thread.model, ...(isNews ? { status: null } : {}) };
}

/** null: it ended, or is not to be read. */
export async function readThread(memory: Memory, rpc: Rpc, id: string): Promise<Thread | null> {
  try {
    return await askThread(memory, rpc, { method: "thread/read", id });
  } catch (error) {
    if (isAoError(error) && error.code === "REFUSED") return null;
    throw error;
  }
}

export async function loadedThreads(memory: Memory, rpc: Rpc): Promise<Thread[]> {
  const { data } = Loaded.parse(await rpc.request("thread/loaded/list", {}));
  const threads: Thread[] = [];
  for (const id of data) {
    const thread = await readThread(memory, rpc, id);
    if (thread !== null) threads.push(thread);
  }
  return threads;
}

/** Should a note ever be lost, what is told is wrong only until the next of these. */
export async function verify(memory: Memory, rpc: Rpc, nowMs: number): Promise<void> {
  const { main } = memory;
  const thread = main === null ? null : await readThread(memory, rpc, main.id);
  if (main !== null && thread?.status && memory.main?.id === main.id) {
    adopt(memory, { ...memory.main, status: thread.status }, toIso(nowMs));
  }
}
