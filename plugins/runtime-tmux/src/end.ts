import type { CallOptions } from "@agent-orchestrator/core/slots/common";
import { endTree } from "@agent-orchestrator/plugin-kit/process-tree";
import { command } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import { type Desk, marksOf } from "./desk.ts";
import type { Launch } from "./naming.ts";

/** A shell at its prompt ignores TERM, but not the closing of its terminal. */
const CLOSE_AFTER_MS = 1_000;

/** Ends one launch: its program with all descendants, its window, its records. Parts that are already gone are fine. */
export async function end(desk: Desk, launch: Launch, options: CallOptions): Promise<void> {
  // A tmux that is not responding keeps no program alive. Its window goes when it answers again.
  const found = await desk.paneOf(launch).catch(() => undefined);
  const ending = endLaunch(desk, launch, options);
  const closing = new AbortController();
  const close = async (): Promise<void> => {
    if (found === undefined) return;
    desk.panes.drop(found.pane);
    const { client, pane } = found;
    await carryOut(client, command("kill-window", "-t", pane.windowId));
  };
  const closeEarly = desk.context.clock.sleep(CLOSE_AFTER_MS, closing.signal).then(close, () => undefined); // ended before
  try {
    await ending;
  } finally {
    closing.abort();
    await closeEarly;
  }
  await close();
  // A shell that somebody opened next to the agent ends with the session, unless a later launch has its name.
  if (found !== undefined && desk.panes.byName(launch.name) === undefined) {
    await carryOut(found.client, command("kill-session", "-t", `=${launch.name}:`));
  }
}

/** What is gone already is gone as intended, and a stopped tmux does it when it continues. */
async function carryOut(client: ControlClient, commands: string): Promise<void> {
  const done = client.run(commands).catch(() => undefined);
  if (!client.isStopped) await done;
}

/** The processes and records of one launch. */
export async function endLaunch(
  desk: Desk,
  launch: Pick<Launch, "name" | "key">,
  options: CallOptions = {},
): Promise<void> {
  const record = desk.records.readPid(launch.key);
  await endTree({
    roots: record === null ? [] : [record.agent, record.runner],
    marks: marksOf(desk, launch),
    clock: desk.context.clock,
    graceMs: desk.graceMs,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  desk.records.remove(launch.key);
}
