import type { ActivityState } from "@agent-orchestrator/core/model/status";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { AgentTerminal } from "@agent-orchestrator/core/slots/agent-terminal";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { Screen } from "@agent-orchestrator/core/slots/screen";
import { isReadable } from "@agent-orchestrator/plugin-kit/readable";
import type { Reached } from "../server/reach.ts";

export interface ScreenReading {
  state: ActivityState;
  evidence: string;
  question?: string;
  /** Somebody's unsent draft. */
  draft: string;
  /** It shows the start page instead of a conversation. */
  isHome: boolean;
}

/** What there is to say about no screen. */
export const NOTHING: ScreenReading = {
  state: "unknown",
  evidence: "no screen of OpenCode's",
  draft: "",
  isHome: false,
};

const LOGO = /█▀▀█ █▀▀█ █▀▀█ █▀▀▄/;
const EDGE = /^\s*┃/;
/** The key hints below the input box. */
const FOOTER_ROWS = 4;

/** What OpenCode's terminal shows, based on its 1.18 screens. It is the least trusted source, for when its server is silent. */
export function readScreen(screen: Pick<Screen, "rows" | "size">): ScreenReading {
  if (!isReadable(screen)) return { ...NOTHING, evidence: "its terminal is too small to read" };
  const { rows } = screen;
  const filled = rows.filter((row) => row.trim() !== "");
  const footer = filled.slice(-FOOTER_ROWS).join("\n");
  const isHome = filled.some((row) => LOGO.test(row));
  const none = { draft: "", isHome };
  const permission = filled.findLastIndex((row) => row.includes("△ Permission required"));
  if (permission >= 0 && /enter confirm/.test(footer)) {
    const what = filled
      .slice(permission + 1, permission + 4)
      .map(bare)
      .filter((row) => row !== "");
    const question = oneLine(`Permission required: ${what.join(" ")}`);
    return { ...none, state: "waiting_input", evidence: "△ Permission required", question };
  }
  if (/esc dismiss/.test(footer)) {
    return { ...none, state: "waiting_input", evidence: "esc dismiss", question: questionIn(rows) };
  }
  const draft = isHome && footerHasPlaceholder(filled) ? "" : draftIn(rows);
  if (/esc (again to )?interrupt/.test(footer)) return { state: "active", evidence: "esc interrupt", draft, isHome };
  if (/ctrl\+p commands/.test(filled.slice(-12).join("\n"))) {
    return { state: "ready", evidence: "an input box, and nothing to interrupt", draft, isHome };
  }
  return { ...NOTHING, isHome };
}

const bare = (row: string): string => row.replace(EDGE, "").trim();

const footerHasPlaceholder = (rows: readonly string[]): boolean => rows.some((row) => /┃\s+Ask anything…/.test(row));

/** The box's own rows, from its last edge upwards, without the row that names agent and model. */
function boxOf(rows: readonly string[]): string[] {
  const last = rows.findLastIndex((row) => EDGE.test(row));
  let first = last;
  while (first > 0 && EDGE.test(rows[first - 1] ?? "")) first -= 1;
  return last < 0 ? [] : rows.slice(first, last + 1).map(bare);
}

function draftIn(rows: readonly string[]): string {
  return boxOf(rows).slice(0, -1).join("\n").trim();
}

function questionIn(rows: readonly string[]): string {
  return oneLine(
    boxOf(rows).find((row) => row !== "" && !/^\d+\. |esc dismiss/.test(row)) ?? "OpenCode asks something",
  );
}

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
