import { toIso } from "@agent-orchestrator/core/host/clock";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { z } from "zod";
import { askThread } from "./ask-thread.ts";
import { endingOf } from "./ending.ts";
import { adopt, type Memory } from "./follow.ts";
import type { Rpc } from "./rpc.ts";
import { RateLimits, Turn } from "./wire.ts";

const Turns = z.looseObject({ data: z.array(Turn) });
const Limits = z.looseObject({ rateLimits: RateLimits });

/** A thread that has just begun cannot be subscribed to until its record has a first line. */
const AGAIN_MS = 150;
const TRIES = 100;

export interface SubscribeOptions {
  memory: Memory;
  clock: Clock;
  signal: AbortSignal;
  rpc: Rpc;
}

/** Listens to a thread. Requests of it that are open come again by themselves. */
export async function subscribe(id: string, { memory, clock, signal, rpc }: SubscribeOptions): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const thread = await askThread(memory, rpc, { method: "thread/resume", id, signal });
      if (thread.model) memory.models.set(id, thread.model);
      if (id !== memory.main?.id) return;
      adopt(memory, thread, toIso(clock.now()));
      await learnLastTurn(memory, id, rpc);
      return;
    } catch (error) {
      if (tries >= TRIES || !rpc.isOpen || !isAoError(error) || error.code !== "REFUSED") throw error;
      await clock.sleep(AGAIN_MS, signal);
    }
  }
}

/** What a subscription does not repeat: which turn runs, or how the last one ended. */
async function learnLastTurn(memory: Memory, threadId: string, rpc: Rpc): Promise<void> {
  const answer = await rpc.request("thread/turns/list", { threadId, limit: 1, sortDirection: "desc" });
  const [turn] = Turns.parse(answer).data;
  if (turn === undefined || memory.turns.has(threadId) || memory.ending !== null) return;
  if (turn.status === "inProgress") {
    memory.turns.set(threadId, turn.id);
    return;
  }
  memory.ending = endingOf(turn, memory.limits);
  if (memory.ending.limit === null || memory.limits !== null) return;
  // Without a login there are no limits to read.
  const limits = await rpc.request("account/rateLimits/read", undefined).catch(() => null);
  memory.limits = Limits.safeParse(limits).data?.rateLimits ?? null;
  memory.ending = endingOf(turn, memory.limits);
}
