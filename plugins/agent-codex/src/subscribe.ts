import { toIso } from "@agent-orchestrator/core/host/clock";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { askThread } from "./ask-thread.ts";
import { adopt, type Memory } from "./follow.ts";
import { learnLastTurn } from "./last-turn.ts";
import type { Rpc } from "./rpc.ts";

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
