import { toIso } from "@agent-orchestrator/core/host/clock";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { endingOf } from "./ending.ts";
import { adopt, type Memory, newsOf, type ToldThread } from "./follow.ts";
import type { Rpc } from "./rpc.ts";
import { RateLimits, Thread, Turn } from "./wire.ts";

const Loaded = z.looseObject({ data: z.array(z.string()) });
const Answer = z.looseObject({ thread: Thread, model: z.string().nullish() });

interface ThreadQuestion {
  method: "thread/read" | "thread/resume";
  id: string;
  signal?: AbortSignal;
}

/** What the server reports about one thread. */
async function askThread(memory: Memory, rpc: Rpc, { method, id, signal }: ThreadQuestion): Promise<ToldThread> {
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

/** A thread that has just started cannot be subscribed to until its record has a first line. */
const AGAIN_MS = 150;
const TRIES = 100;

export interface SubscribeOptions {
  memory: Memory;
  clock: Clock;
  signal: AbortSignal;
  rpc: Rpc;
  launchedAtMs: number;
}

/** Subscribes to a thread. Its open requests arrive again by themselves. */
export async function subscribe(id: string, options: SubscribeOptions): Promise<void> {
  const { memory, clock, signal, rpc } = options;
  for (let tries = 0; ; tries++) {
    try {
      const thread = await askThread(memory, rpc, { method: "thread/resume", id, signal });
      if (thread.model) memory.models.set(id, thread.model);
      if (id !== memory.main?.id) return;
      adopt(memory, thread, toIso(clock.now()));
      await learnLastTurn(memory, options);
      return;
    } catch (error) {
      if (tries >= TRIES || !rpc.isOpen || !isAoError(error) || error.code !== "REFUSED") throw error;
      await clock.sleep(AGAIN_MS, signal);
    }
  }
}

const Turns = z.looseObject({ data: z.array(Turn) });
const Limits = z.looseObject({ rateLimits: RateLimits });

interface Question {
  rpc: Rpc;
  /** When the agent was launched. An earlier turn says nothing about its start. */
  launchedAtMs: number;
}

/** What a conversation does not report to late listeners: which turn runs, or how the last one ended. */
export async function learnLastTurn(memory: Memory, { rpc, launchedAtMs }: Question): Promise<void> {
  const { main, ending } = memory;
  if (main === null) return;
  const answer = await rpc.request("thread/turns/list", { threadId: main.id, limit: 1, sortDirection: "desc" });
  const [turn] = Turns.parse(answer).data;
  if (turn === undefined || memory.main?.id !== main.id) return;
  if (isSince(turn, launchedAtMs)) memory.hasBegun = true;
  const isNewsNewer = memory.turns.has(main.id) || memory.ending !== ending;
  if (isNewsNewer) return;
  if (turn.status === "inProgress") memory.turns.set(main.id, turn.id);
  else if (ending === null) await learnEnding(memory, turn, rpc);
}

async function learnEnding(memory: Memory, turn: Turn, rpc: Rpc): Promise<void> {
  const ending = endingOf(turn, memory.limits);
  memory.ending = ending;
  if (ending.limit === null || memory.limits !== null) return;
  // Without a login there are no limits to read.
  const limits = await rpc.request("account/rateLimits/read", undefined).catch(() => null);
  memory.limits = Limits.safeParse(limits).data?.rateLimits ?? null;
  if (memory.ending === ending) memory.ending = endingOf(turn, memory.limits);
}

/** Codex reports whole seconds. */
const isSince = ({ startedAt, status }: Turn, ms: number): boolean =>
  status === "inProgress" || (startedAt != null && (startedAt + 1) * 1000 > ms);
