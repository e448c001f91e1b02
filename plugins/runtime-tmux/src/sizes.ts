import { SMALLEST_READABLE } from "@agent-orchestrator/plugin-kit/readable";
import type { ControlClient } from "./control-client.ts";
import { command, inTurn } from "./words.ts";

/** The size of a session that nobody watches. */
export const OWN_SIZE = { columns: 200, rows: 50 } as const;

/** Our slot in tmux's lists of hooks, so that the user's own hooks stay. */
const SLOT = 1_077;
/** `window-resized` comes with tmux 3.3. */
const EVENTS = ["client-attached", "client-detached", "client-session-changed", "client-resized", "client-active"];
/** A window that a probe of the paste mode holds at its size. */
const FIXED = "@ao_fixed";
const OURS = `#{&&:#{!=:#{@ao_session},},#{==:#{${FIXED}},}}`;

/** For each of our sessions: its viewers decide on its size, and without viewers it has its own. */
const FIT = each(
  `#{?${OURS},#{?session_attached,,${resize(String(OWN_SIZE.columns), String(OWN_SIZE.rows))}} set-option -w -u -t #{session_id}: window-size ;,}`,
);

/** But none becomes too small to read. A viewer with a smaller terminal sees the part around the cursor. */
const RAISE = each(
  `#{?#{&&:${OURS},#{||:${isBelow("window_width", SMALLEST_READABLE.columns)},${isBelow("window_height", SMALLEST_READABLE.rows)}}},${resize(
    atLeast("window_width", SMALLEST_READABLE.columns),
    atLeast("window_height", SMALLEST_READABLE.rows),
  )},}`,
);

/**
 * tmux leaves a window at the size of the viewer who left last, and gives a program the size of any terminal, even 1×1. Its own hooks put
 * that right, with or without a daemon. Also puts right what happened before they were set.
 */
export async function keepSizes(client: ControlClient): Promise<void> {
  const now = inTurn(runEach(FIT), runEach(RAISE));
  const hooks = [...EVENTS.map((name) => hook(name, now)), hook("window-resized", runEach(RAISE))];
  for (const each of [...hooks, now]) await client.run(each).catch(() => undefined); // A tmux that is too old for it.
}

/** Keeps a window at its present size, whoever attaches. */
export const fixSize = (windowId: string): string[] => [
  command("set-option", "-w", "-t", windowId, FIXED, "1"),
  command("set-option", "-w", "-t", windowId, "window-size", "manual"),
];

export const releaseSize = (windowId: string): string[] => [
  command("set-option", "-w", "-u", "-t", windowId, FIXED),
  command("set-option", "-w", "-u", "-t", windowId, "window-size"),
];

const hook = (name: string, commands: string): string => command("set-hook", "-g", `${name}[${SLOT}]`, commands);

const runEach = (format: string): string => `run-shell -C "${format}"`;

function each(commands: string): string {
  return `#{S:${commands}}`;
}

function resize(columns: string, rows: string): string {
  return `resize-window -t #{session_id}: -x ${columns} -y ${rows} ;`;
}

function isBelow(name: string, least: number): string {
  return `#{e|<:#{${name}},${least}}`;
}

function atLeast(name: string, least: number): string {
  return `#{?${isBelow(name, least)},${least},#{${name}}}`;
}
