import { AoError } from "@agent-orchestrator/core/model/errors";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { command, inTurn } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import { HUB } from "./naming.ts";
import type { PasteMode } from "./paste-mode.ts";
import { OWN_SIZE, unmanaged } from "./sizes.ts";

/** What is known about one agent's pane. Lives as long as the pane, or as our connection remembers it. */
export interface Pane extends PasteMode {
  name: string;
  intent: string;
  paneId: string;
  windowId: string;
  tty: string;
  /** Monotonic times: since when we watch it, and of its last output. */
  seenAtMs: number;
  outputAtMs: number | null;
  /** Its program is ready for messages. */
  isReady: boolean;
}

export interface PaneRow {
  paneId: string;
  windowId: string;
  tty: string;
  isReady: boolean;
  intent: string;
  name: string;
  session: string;
}

const ROW = ["pane_id", "window_id", "pane_tty", "@ao_ready", "@ao_intent", "@ao_name", "session_name"];

/** Never mistaken for "missing": a client that is not UTF-8 gets `_` for each tab, in all its answers. */
const notUnderstood = (line: string): AoError =>
  new AoError("UNREACHABLE", `tmux answered something else than was asked: ${oneLine(line, 80)}`);

/** Every pane of every agent, once for each session that it is linked to. */
export async function listRows(client: ControlClient): Promise<PaneRow[]> {
  const lines = await client.run(command("list-panes", "-a", "-F", ROW.map((name) => `#{${name}}`).join("\t")));
  return lines.flatMap((line) => {
    if (line.split("\t").length !== ROW.length) throw notUnderstood(line);
    const [paneId, windowId, tty, ready, intent, name, session] = line.split("\t");
    if (!paneId || !windowId || tty === undefined || !intent || !name || session === undefined) return [];
    return [{ paneId, windowId, tty, isReady: ready === "1", intent, name, session }];
  });
}

/**
 * Brings the hub and the sessions in line. Links agents' windows that the hub lacks. Ends a window that only exists in the hub
 * because a user closed its session. Returns the panes that are left.
 */
export async function settleLinks(client: ControlClient): Promise<PaneRow[]> {
  const rows = await listRows(client);
  const byPane = new Map<string, PaneRow[]>();
  for (const row of rows) byPane.set(row.paneId, [...(byPane.get(row.paneId) ?? []), row]);
  const left: PaneRow[] = [];
  for (const links of byPane.values()) {
    const own = links.find((row) => row.session === row.name);
    if (own === undefined) {
      const window = links[0]?.windowId ?? "";
      await client.run(command("kill-window", "-t", window)).catch(() => undefined); // It is gone, as intended.
      continue;
    }
    if (!links.some((row) => row.session === HUB)) await client.run(linkIntoHub(own.windowId));
    left.push(own);
  }
  return left;
}

export const linkIntoHub = (window: string): string => command("link-window", "-d", "-s", window, "-t", `=${HUB}:`);

export interface NewSession {
  name: string;
  sessionId: string;
  title: string;
  intent: string;
  argv: readonly string[];
}

const SIZE = ["-x", String(OWN_SIZE.columns), "-y", String(OWN_SIZE.rows)];
const NEW_ROW = ["pane_id", "window_id", "pane_tty"].map((name) => `#{${name}}`).join("\t");

/** One command list. tmux runs all of it, or stops at the first failure. It does not matter if we die. */
export function newSession({ name, sessionId, title, intent, argv }: NewSession): string {
  const own = `=${name}:`;
  return inTurn(
    command("new-session", "-d", "-P", "-F", NEW_ROW, "-s", name, "-n", "agent", ...SIZE, ...argv),
    unmanaged(own),
    // Where a terminal shows another session of this server, tmux makes a new one as large as that terminal, whatever it is told.
    command("resize-window", "-t", own, ...SIZE),
    command("set-option", "-p", "-t", own, "@ao_intent", intent),
    command("set-option", "-p", "-t", own, "@ao_name", name),
    command("set-option", "-t", own, "@ao_session", sessionId),
    command("set-option", "-t", own, "@ao_title", title),
    linkIntoHub(own),
  );
}
