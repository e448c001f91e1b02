import type { Clock } from "@agent-orchestrator/core/slots/common";
import type { WatchOptions } from "@agent-orchestrator/core/slots/workspace";
import { openReflog } from "./reflog.ts";

/** A rebase moves HEAD a hundred times, so moves are reported at most this often. */
const GRAIN_MS = 500;

/** Calls when HEAD of a checkout has moved (commit, checkout, rebase), without a process. Not a git checkout: never. */
// biome-ignore lint/complexity/useMaxParams: the slot's own, and the clock
export function watchHead(
  workspacePath: string,
  clock: Clock,
  onMove: () => void,
  { headSha }: WatchOptions = {},
): { stop(): Promise<void> } {
  const closing = new AbortController();
  let isWaiting = false;
  const reflog = openReflog(workspacePath, () => {
    if (isWaiting || closing.signal.aborted) return;
    isWaiting = true;
    look();
    clock.sleep(GRAIN_MS, closing.signal).then(
      () => {
        isWaiting = false;
        look();
      },
      () => undefined, // let go
    );
  });
  if (headSha !== undefined && reflog !== null && reflog.head() !== headSha) onMove();
  function look(): void {
    if (!closing.signal.aborted && reflog?.hasMoved() === true) onMove();
  }
  return {
    async stop() {
      closing.abort();
      reflog?.close();
    },
  };
}
