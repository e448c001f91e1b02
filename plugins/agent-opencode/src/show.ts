import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Reached } from "./reach.ts";
import { readScreen } from "./screen.ts";

/** The terminal part of OpenCode listens some seconds later than its server, and earlier requests are lost. */
const TRIES = 60;
const PAUSE_MS = 1_000;
/** For when the screen is not visible. */
const BLIND_TRIES = 8;

export interface ShowRequest {
  reached: Reached;
  root: string;
  terminal: AgentTerminal | null;
  clock: Clock;
  /** False if somebody has started to type there. Then it is up to them what is shown. */
  isIdle(): boolean;
  signal: AbortSignal;
}

/** Shows the conversation on the screen, so that attaching shows the working agent and not the start page. */
export async function showConversation(request: ShowRequest): Promise<void> {
  const { reached, root, terminal, clock, isIdle, signal } = request;
  for (let tries = 0; tries < TRIES && isIdle(); tries++) {
    const screen = (await terminal?.screen({ signal }).catch(() => null)) ?? null;
    if (screen === null && tries >= BLIND_TRIES) return;
    const reading = screen === null ? null : readScreen(screen);
    if (reading !== null && !reading.isHome && reading.state !== "unknown") return;
    if (reading === null || (reading.isHome && reading.draft === "")) {
      await reached.server.post("/tui/select-session", { signal, body: { sessionID: root } });
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}
