import type { Clock } from "@agent-orchestrator/core/slots/common";
import { isReadingKeyboard } from "../keyboard.ts";
import { lookUp } from "../process.ts";
import { BRACKETED_PASTE, type TerminalModes } from "./modes.ts";

/** A helper program passes in its own, so that nothing big is loaded just to read the time. */
type Time = Pick<Clock, "monotonic">;

export interface ReadyProgram {
  /** Null if it is not a process of this machine. Then only its output tells. */
  pid: number | null;
  hasTerminal: boolean;
}

/**
 * Finds out when the program can accept a message. Text that arrives before its switch to raw mode is lost, and nothing
 * announces that switch. It is inferred once, from these signs, best first: bracketed paste turned on; asleep in a read of
 * its terminal; something printed, then silence; silence without CPU use.
 */
export interface Readiness {
  noteOutput(): void;
  isReady(): boolean;
  onReady(listener: () => void): void;
  stop(): void;
}

const STEP_MS = 50;
/** It is only finishing its first screen. */
const AFTER_PASTE_MS = 120;
const AFTER_READING_MS = 150;
const AFTER_OUTPUT_MS = 400;
const SILENT_MS = 2_000;
/** A program that never stops printing or loading counts as ready after this time. */
const AT_LATEST_MS = 10_000;

export function readiness({ pid, hasTerminal }: ReadyProgram, modes: TerminalModes, time: Time): Readiness {
  const listeners: (() => void)[] = [];
  const began = time.monotonic();
  let hasPrinted = false;
  let movedAt = began;
  let cpuMs = 0;
  let isReady = false;
  let timer: NodeJS.Timeout | undefined;

  function isAble(now: number): boolean {
    const quietMs = now - movedAt;
    if (now - began >= AT_LATEST_MS) return true;
    if (modes.has(BRACKETED_PASTE)) return quietMs >= AFTER_PASTE_MS;
    if (pid !== null && quietMs >= AFTER_READING_MS && isReadingKeyboard(pid)) return true;
    return quietMs >= (hasPrinted ? AFTER_OUTPUT_MS : SILENT_MS);
  }

  function look(): void {
    const now = time.monotonic();
    const work = (pid === null ? undefined : lookUp(pid)?.cpuMs) ?? cpuMs;
    // Loading a language's libraries prints nothing, but doesn't count as silence.
    if (work > cpuMs && !hasPrinted) movedAt = now;
    cpuMs = work;
    isReady = !hasTerminal || isAble(now);
    if (!isReady) timer = setTimeout(look, STEP_MS);
    else for (const listener of listeners.splice(0)) listener();
  }

  // A pipe keeps what the program has not read yet, so it is ready at once.
  timer = setTimeout(look, 0);
  return {
    noteOutput() {
      hasPrinted = true;
      if (!isReady) movedAt = time.monotonic();
    },
    isReady: () => isReady,
    onReady(listener) {
      if (isReady) listener();
      else listeners.push(listener);
    },
    stop: () => clearTimeout(timer),
  };
}
