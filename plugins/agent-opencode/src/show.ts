import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Reached } from "./reach.ts";
import { readScreen } from "./screen.ts";

/** The terminal part of OpenCode listens some seconds later than its server; what it is told before is lost. */
const TRIES = 60;
const PAUSE_MS = 1_000;
/** Where the screen cannot be seen. */
const BLIND_TRIES = 8;

export interface ShowRequest {
  reached: Reached;
  root: string;
  terminal: AgentTerminal | null;
  clock: Clock;
  /** false: a human has begun to type there; where they are is theirs to say. */
  isIdle(): boolean;
  signal: AbortSignal;
}

/** Brings the conversation to the screen, so that whoever attaches sees the agent at work and not the start page. */
export async function showConversation(request: ShowRequest): Promise<void> {
  const { reached, root, terminal, clock, isIdle, signal } = request;
  for (let tries = 0; tries < TRIES && isIdle(); tries++) {
    const screen = (await terminal?.screen({ signal }).catch(() => null)) ?? null;
    if (screen === null && tries >= BLIND_TRIES) return;
    const reading = screen === null ? null : readScreen(screen.rows);
    if (reading !== null && !reading.isHome && reading.state !== "unknown") return;
    if (reading === null || (reading.isHome && reading.draft === "")) {
      await reached.server.post("/tui/select-session", { signal, body: { sessionID: root } });
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}
