import type { Clock } from "@agent-orchestrator/core/slots/common";
import { command } from "./command-quoting.ts";
import type { ControlClient } from "./control-client.ts";
import { HUB } from "./naming.ts";
import type { Pane } from "./panes.ts";

export interface PasteProbe {
  client: ControlClient;
  clock: Clock;
  /** `tmux -S …`, for a client of the same server. */
  argv: readonly string[];
  /** Calls back with every notice until the returned function is called. */
  listen(listener: (paneId: string, text: string) => void): () => void;
}

/** The name of the window that a probe uses. */
export const PROBE = "ao_probe";

const STEP_MS = 5;
const LONGEST_MS = 1_000;

/**
 * Finds out whether a program has bracketed paste on if its output was not followed from the start. tmux 3.7 and newer says so.
 * An older one tells each terminal that attaches. So a client is attached inside a pane of the hub for a moment, and what tmux
 * sends to that terminal is read. The window keeps its size. Null if the answer could not be found.
 */
export async function probePasteMode(pane: Pane, probe: PasteProbe): Promise<boolean | null> {
  const { client } = probe;
  const [flag] = await client.run(command("display-message", "-p", "-t", pane.paneId, "#{bracket_paste_flag}"));
  if (flag === "0" || flag === "1") return flag === "1";
  return drawnPasteMode(pane, probe);
}

async function drawnPasteMode(pane: Pane, { client, clock, argv, listen }: PasteProbe): Promise<boolean | null> {
  const drawn = new Map<string, string>();
  const stop = listen((paneId, text) => void drawn.set(paneId, ((drawn.get(paneId) ?? "") + text).slice(0, 65_536)));
  const [tmux = "tmux", ...rest] = argv;
  const viewer = ["env", "-u", "TMUX", "-u", "TMUX_PANE", tmux, "-u", "-T", "bpaste", ...rest];
  let probePane: string | undefined;
  try {
    const lines = await client.run(
      command(
        ...["new-window", "-d", "-t", `=${HUB}:`, "-n", PROBE, "-P", "-F", "#{pane_id}"],
        ...[...viewer, "attach-session", "-f", "read-only,ignore-size", "-t", `=${pane.name}:`],
      ),
    );
    probePane = lines[0];
    const end = clock.monotonic() + LONGEST_MS;
    while (probePane !== undefined && clock.monotonic() < end) {
      const seen = readDrawing(drawn.get(probePane) ?? "");
      if (seen !== null) return seen;
      await clock.sleep(STEP_MS);
    }
    return null;
  } finally {
    stop();
    if (probePane !== undefined) await client.run(command("kill-pane", "-t", probePane)).catch(() => undefined);
  }
}

/** tmux first turns the modes off, then sets them as in the pane, and then draws rows, each of which ends with "erase to the end". */
function readDrawing(text: string): boolean | null {
  const on = text.lastIndexOf("\\033[?2004h");
  if (on >= 0) return true;
  const off = text.indexOf("\\033[?2004l");
  return off >= 0 && text.indexOf("\\033[K", off) >= 0 ? false : null;
}
