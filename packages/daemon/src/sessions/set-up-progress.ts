import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { oneLine } from "@agent-orchestrator/core/model/text";
import { at, formatDuration, toIso } from "@agent-orchestrator/core/model/time";
import type { Clock } from "@agent-orchestrator/core/slots/common";

type SetUp = NonNullable<SessionView["setUp"]>;

/** What the `postCreate` commands of starting sessions are doing. It changes often and matters to nobody later, so it is in no log. */
export interface SetUpProgress {
  show(sessionId: string, now: { command: string; lastLine: string | null } | null): void;
  of(sessionId: string): SetUp | null;
  /** Calls back whenever something new is shown, until the returned function is called. */
  onShow(listener: () => void): () => void;
}

export function createSetUpProgress(clock: Clock): SetUpProgress {
  const running = new Map<string, Omit<SetUp, "text">>();
  const listeners = new Set<() => void>();
  return {
    show(sessionId, now) {
      if (now === null) {
        running.delete(sessionId);
        return;
      }
      const before = running.get(sessionId);
      const isSame = before?.command === now.command && now.lastLine !== null;
      const lastLine = now.lastLine === null ? null : oneLine(now.lastLine, 200);
      running.set(sessionId, {
        command: oneLine(now.command, 200),
        since: isSame ? before.since : toIso(clock.now()),
        lastLine,
      });
      for (const listener of listeners) listener();
    },
    onShow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    of(sessionId) {
      const setUp = running.get(sessionId);
      return setUp === undefined ? null : { ...setUp, text: textOf(setUp, clock.now()) };
    },
  };
}

/** Of a command, in one line with its time and its last line. */
const SHORT_COMMAND = 30;

/** `npm ci (12s): added 200 packages` */
function textOf({ command, since, lastLine }: Omit<SetUp, "text">, nowMs: number): string {
  const head = `${oneLine(command, SHORT_COMMAND)} (${formatDuration(nowMs - at(since))})`;
  return lastLine === null ? head : `${head}: ${lastLine}`;
}
