import { toIso } from "@agent-orchestrator/core/host/clock";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import { z } from "zod";
import { adopt, type Memory, newsOf, type ToldThread } from "./follow.ts";
import type { Rpc } from "./rpc.ts";
import { Thread } from "./wire.ts";

const Loaded = z.looseObject({ data: z.array(z.string()) });
const Answer = z.looseObject({ thread: Thread, model: z.string().nullish() });

interface ThreadQuestion {
  method: "thread/read" | "thread/resume";
  id: string;
  signal?: AbortSignal;
}

/** What the server reports about one thread. */
export async function askThread(memory: Memory, rpc: Rpc, { method, id, signal }: ThreadQuestion): Promise<ToldThread> {
  const newsWhenAsked = newsOf(memory, id);
  const params = { threadId: id, ...(method === "thread/resume" ? { excludeTurns: true } : {}) };
  const { thread, model } = Answer.parse(await rpc.request(method, params, signal));
  return { ...thread, model: model ?? thread.model, newsWhenAsked };
}

/** Null if it ended or can't be read. */
export async function readThread(memory: Memory, rpc: Rpc, id: string): Promise<ToldThread | null> {
  try {
    return await askThread(memory, rpc, { method: "thread/read", id });
  } catch (error) {
    if (isAoError(error) && error.code === "REFUSED") return null;
    throw error;
  }
}

export async function loadedThreads(memory: Memory, rpc: Rpc): Promise<ToldThread[]> {
  const { data } = Loaded.parse(await rpc.request("thread/loaded/list", {}));
  const threads: ToldThread[] = [];
  for (const id of data) {
    const thread = await readThread(memory, rpc, id);
    if (thread !== null) threads.push(thread);
  }
  return threads;
}

/** If a notification is ever lost, our state is wrong only until the next of these. */
export async function verify(memory: Memory, rpc: Rpc, nowMs: number): Promise<void> {
  const { main } = memory;
  const thread = main === null ? null : await readThread(memory, rpc, main.id);
  if (main === null || thread === null || memory.main?.id !== main.id) return;
  const { status, newsWhenAsked } = thread;
  adopt(memory, { ...memory.main, status, newsWhenAsked }, toIso(nowMs));
}
