import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { isOurs } from "./follow.ts";
import type { Link } from "./link.ts";
import { readyRpc } from "./ready.ts";
import type { Rpc } from "./rpc.ts";

const READY_MS = 2_000;

/** Codex's own interrupt of the running turn, and of its sub-agents'; with none running there is nothing to do. */
export async function interrupt(
  link: Link,
  { terminal, clock, signal }: { terminal: AgentTerminal; clock: Clock; signal?: AbortSignal | undefined },
): Promise<void> {
  const rpc = await readyRpc(link, { clock, ms: READY_MS, signal });
  if (rpc === null) {
    // Not Ctrl-C: at an empty input box that ends the program.
    await terminal.press(["Escape"]);
    return;
  }
  for (const [threadId, turnId] of link.memory.turns) {
    if (isOurs(link.memory, threadId)) await endTurn(link, rpc, { threadId, turnId });
  }
}

async function endTurn({ memory }: Link, rpc: Rpc, turn: { threadId: string; turnId: string }): Promise<void> {
  try {
    await rpc.request("turn/interrupt", turn);
  } catch (error) {
    const isRunning = memory.turns.get(turn.threadId) === turn.turnId;
    if (isRunning || !isAoError(error) || error.code !== "REFUSED") throw error;
    // It ended by itself meanwhile.
  }
}
