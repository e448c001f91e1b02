import { isAoError } from "@agent-orchestrator/core/model/errors";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Link } from "./link.ts";
import { readyRpc } from "./ready.ts";

const READY_MS = 2_000;

/** Codex's own interrupt of the running turn; with none running there is nothing to do. */
export async function interrupt(
  link: Link,
  { terminal, clock, signal }: { terminal: AgentTerminal; clock: Clock; signal?: AbortSignal | undefined },
): Promise<void> {
  const rpc = await readyRpc(link, { clock, ms: READY_MS, signal });
  const { main } = link.memory;
  if (rpc === null || main === null) {
    // Not Ctrl-C: at an empty input box that ends the program.
    await terminal.press(["Escape"]);
    return;
  }
  const { turnId } = link.memory;
  if (turnId === null) return;
  try {
    await rpc.request("turn/interrupt", { threadId: main.id, turnId }, signal);
  } catch (error) {
    // The turn ended by itself meanwhile.
    if (link.memory.turnId === turnId || !isAoError(error) || error.code !== "REFUSED") throw error;
  }
}
