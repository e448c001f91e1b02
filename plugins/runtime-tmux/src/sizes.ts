import type { TerminalSize } from "@agent-orchestrator/core/slots/terminal-view";
import { SMALLEST_READABLE } from "@agent-orchestrator/plugin-kit/readable";
import { command, inTurn, when } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import type { PaneRow } from "./panes.ts";

/** The size of a session that nobody watches. */
export const OWN_SIZE = { columns: 200, rows: 50 } as const;

/** Our slot in tmux's lists of hooks, so that the user's own hooks stay. */
const SLOT = 1_077;
const OURS = "#{!=:#{@ao_session},}";
const { columns: LEAST_COLUMNS, rows: LEAST_ROWS } = SMALLEST_READABLE;
/** The viewer whose size a session has. */
const VIEWER = "@ao_viewer";

/** In a hook that a client runs: its session gets its size. One that takes no part in sizes, or has just left, changes none. */
const STATUS_ROWS = "#{?#{==:#{status},off},0,#{?#{==:#{status},on},1,#{status}}}";
const TAKES_PART = "#{&&:#{client_width},#{?#{m:*ignore-size*,#{client_flags}},0,1}}";
const FIT = `#{?#{&&:${OURS},${TAKES_PART}},${resize("#{client_width}", `#{e|-:#{client_height},${STATUS_ROWS}}`)} set-option -t #{session_id}: ${VIEWER} '#{client_name}',}`;

/** The viewer whose size it was has left. tmux does not say which of the others typed last, so the largest decides until one types. */
const LEFT = eachSession(
  `#{?#{&&:${OURS},#{&&:#{session_attached},#{==:#{${VIEWER}},#{hook_client}}}},resize-window -A -t #{session_id}: ;,}`,
);
const RAISE = eachSession(
  `#{?#{&&:${OURS},#{||:#{e|<:#{window_width},${LEAST_COLUMNS}},#{e|<:#{window_height},${LEAST_ROWS}}}},${resize("#{window_width}", "#{window_height}")},}`,
);
/** Somebody who types in the dashboard has given a session its size. */
const HELD = "@ao_held";
const UNWATCHED = eachSession(
  `#{?#{&&:${OURS},#{?#{||:#{session_attached},#{!=:#{${HELD}},}},0,1}},${resize(String(OWN_SIZE.columns), String(OWN_SIZE.rows))},}`,
);

/** tmux itself changes the size of such a window at no viewer's coming and going. Ours is in each command that changes it. */
export const unmanaged = (target: string): string => command("set-option", "-w", "-t", target, "window-size", "manual");

/**
 * tmux would give a session the size of any terminal that shows it, even 1×1, and leave it so. Its own hooks do better, with or without
 * a daemon: the viewer who typed last decides, down to the smallest readable size, and a session without viewers has its own.
 * Also puts right what happened before they were set.
 */
export async function keepSizes(client: ControlClient, rows: readonly PaneRow[]): Promise<void> {
  const fit = ["client-attached", "client-resized", "client-active", "client-session-changed"];
  const hooks = [...fit.map((name) => hook(name, [FIT, UNWATCHED])), hook("client-detached", [LEFT, RAISE, UNWATCHED])];
  const now = [
    ...rows.map(({ windowId }) => unmanaged(windowId)),
    inTurn(...[RELEASE_ALL, RAISE, UNWATCHED].map(runEach)),
  ];
  for (const each of [...hooks, ...now]) await client.run(each).catch(() => undefined); // A tmux without such a hook, or a window that has closed.
}

/** A viewer has left. A hook that comes while tmux still counts that one would leave its size. */
export async function releaseSizes(client: ControlClient): Promise<void> {
  await client.run(runEach(UNWATCHED)).catch(() => undefined); // The connection broke. The next one puts it right.
}

/** Gives a session a size that lasts until `release`, unless a terminal that shows it has another. */
export async function holdSize(client: ControlClient, name: string, { columns, rows }: TerminalSize): Promise<void> {
  const own = `=${name}:`;
  const [width, height] = [Math.max(columns, LEAST_COLUMNS), Math.max(rows, LEAST_ROWS)].map(String) as [
    string,
    string,
  ];
  await client.run(
    inTurn(command("set-option", "-t", own, HELD, "1"), command("resize-window", "-t", own, "-x", width, "-y", height)),
  );
}

/** The same size as before it was held: that of whoever still watches, or its own. */
export async function release(client: ControlClient, name: string): Promise<void> {
  const own = `=${name}:`;
  const { columns, rows } = OWN_SIZE;
  const back = command("resize-window", "-t", own, "-x", String(columns), "-y", String(rows));
  const watched = command("resize-window", "-A", "-t", own);
  await client.run(command("set-option", "-u", "-t", own, HELD));
  await client.run(when(own, "#{session_attached}", { yes: watched, no: back }));
}

/** Of a daemon that has ended, so that nobody's size stays. */
const RELEASE_ALL = eachSession(`#{?#{!=:#{${HELD}},},set-option -u -t #{session_id}: ${HELD} ;,}`);

const hook = (name: string, formats: string[]): string =>
  command("set-hook", "-g", `${name}[${SLOT}]`, inTurn(...formats.map(runEach)));

function runEach(format: string): string {
  return `run-shell -C "${format}"`;
}

function eachSession(commands: string): string {
  return `#{S:${commands}}`;
}

function resize(columns: string, rows: string): string {
  return `resize-window -t #{session_id}: -x ${atLeast(columns, LEAST_COLUMNS)} -y ${atLeast(rows, LEAST_ROWS)} ;`;
}

function atLeast(size: string, least: number): string {
  return `#{?#{e|<:${size},${least}},${least},${size}}`;
}
