import { alarm } from "@agent-orchestrator/agent-kit/alarm";
import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import type { Clock } from "@agent-orchestrator/core/slots/common";
import { dialogFrom } from "./dialog.ts";
import type { Look, ScreenReader } from "./screen-reader.ts";
import type { Signals } from "./signals.ts";

export interface OpenDialogOptions {
  screen: ScreenReader;
  clock: Clock;
  signal: AbortSignal;
  signals(): Signals;
  onRead(dialog: Dialog): void;
}

/** How long to try to read a dialog. It is drawn late on a busy machine, and after a restart the screen is not available at once. */
const AGAIN_MS = 1_000;
/** The status file says that it waits a moment before the hook says what for. */
const HOOK_MS = 1_000;
/** A background subagent's question is not drawn anywhere (2.1.197, 2.1.332). After this time only its hook can be answered. */
const UNDRAWN_MS = 3_000;

/** Reads the open dialog from the screen, and retries until it can. A later, worse reading does not replace it. */
export function openDialog({ screen, clock, signal, signals, onRead }: OpenDialogOptions): { look(): void } {
  const again = alarm(clock, signal, () => void read());
  const isOpen = (): boolean => signals().status?.state === "waiting" || signals().asks.length > 0;

  function isUndrawn(look: Look): boolean {
    const [ask] = signals().asks;
    if (ask === undefined || look === null || look === "no screen" || look.dialog !== null) return false;
    return ["box", "working"].includes(look.shows) && clock.now() - ask.atMs >= UNDRAWN_MS;
  }

  async function read(): Promise<void> {
    const look = await screen.dialog(isOpen);
    if (signal.aborted || !isOpen()) return;
    const { asks, status } = signals();
    const hookMs = status === null || asks.length > 0 ? 0 : status.sinceMs + HOOK_MS - clock.now();
    if (hookMs > 0) return again.atLatest(hookMs);
    const dialog = dialogFrom(signals(), isUndrawn(look) ? "no screen" : look);
    const known = signals().dialog;
    const isWorse = dialog?.onlyInTerminal !== undefined && known?.id === dialog.id;
    if (dialog !== null && !isWorse) onRead(dialog);
    const now = isWorse ? known : dialog;
    if (look !== "no screen" && (now === null || now?.onlyInTerminal !== undefined)) again.atLatest(AGAIN_MS);
  }

  return { look: () => void read() };
}
