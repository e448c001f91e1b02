import type { AtTerminal } from "@agent-orchestrator/agent-kit/terminal";
import { until } from "@agent-orchestrator/agent-kit/until";
import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { type Link, readyRpc } from "./link.ts";
import { learnLastTurn } from "./server/ask-thread.ts";
import { isActive, isOurs } from "./server/follow.ts";
import type { Rpc } from "./server/rpc.ts";

const READY_MS = 2_000;
/** The same for a program that starts with its first prompt, on a busy machine. Before that, an Escape goes to nobody. */
const BEGIN_MS = 40_000;
/** From its connection to its first turn. */
const FIRST_TURN_MS = 5_000;
const LOOK_MS = 50;

/** Codex's own interrupt of the running turn and its sub-agents'. Does nothing if none is running. */
export async function interrupt(link: Link, { terminal, clock, signal }: AtTerminal): Promise<void> {
  const isBeginning = link.record.beginsTurn && !link.memory.hasBegun;
  const rpc = await readyRpc(link, { clock, ms: isBeginning ? BEGIN_MS : READY_MS, signal });
  if (rpc === null) {
    // Not Ctrl-C, which ends the program at an empty input box.
    await terminal.press(["Escape"]);
    return;
  }
  for (const [threadId, turnId] of await runningTurns(link, rpc, {
    ...{ clock, signal },
    ms: isBeginning ? FIRST_TURN_MS : READY_MS,
  })) {
    await endTurn(link, rpc, { threadId, turnId });
  }
}

/** A working agent, or one that starts with its first prompt, has a turn. If we have not heard of it, ask for a moment. */
async function runningTurns(
  { memory, record }: Link,
  rpc: Rpc,
  { clock, ms, signal }: { clock: Clock; ms: number; signal: AbortSignal | undefined },
): Promise<[threadId: string, turnId: string][]> {
  const ours = () => [...memory.turns].filter(([threadId]) => isOurs(memory, threadId));
  const isKnown = async (): Promise<boolean> => {
    if (ours().length === 0) await ask(memory, { rpc, launchedAtMs: record.startedAtMs });
    const isExpected = isActive(memory) || (record.beginsTurn && !memory.hasBegun);
    return ours().length > 0 || !isExpected;
  };
  await until(isKnown, { clock, ms, everyMs: LOOK_MS, signal });
  return ours();
}

async function ask(...question: Parameters<typeof learnLastTurn>): Promise<void> {
  try {
    await learnLastTurn(...question);
  } catch (error) {
    // A conversation that has just started has no record yet.
    if (!isAoError(error) || error.code !== "REFUSED") throw error;
  }
}

async function endTurn({ memory }: Link, rpc: Rpc, turn: { threadId: string; turnId: string }): Promise<void> {
  try {
    await rpc.request("turn/interrupt", turn);
  } catch (error) {
    const isRunning = memory.turns.get(turn.threadId) === turn.turnId;
    if (isRunning || !isAoError(error) || error.code !== "REFUSED") throw error;
    // It has ended by itself.
  }
}
