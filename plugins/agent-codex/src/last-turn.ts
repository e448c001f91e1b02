import { z } from "zod";
import { endingOf } from "./ending.ts";
import type { Memory } from "./follow.ts";
import type { Rpc } from "./rpc.ts";
import { RateLimits, Turn } from "./wire.ts";

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
