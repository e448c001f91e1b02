import { systemClock } from "@agent-orchestrator/core/host/clock";
import { lookUp } from "@agent-orchestrator/plugin-kit/process";
import { BRACKETED_PASTE, type TerminalModes } from "../modes.ts";

/** When the program can take a message. Nothing tells it outright: it is concluded from what it prints, once. */
export interface Readiness {
  noteOutput(): void;
  onReady(listener: () => void): void;
  stop(): void;
}

/** A program that turned bracketed paste on reads its keyboard; it only finishes its first picture. */
const AFTER_PASTE_MS = 100;
/** One that printed something and is silent since. */
const AFTER_OUTPUT_MS = 400;
/** One that printed nothing: so long, and not while it is still busy loading itself. */
const SILENT_MS = 1_000;
/** One that never stops printing, or loading, is ready then: it has had its time. */
const AT_LATEST_MS = 8_000;

export function readiness(modes: TerminalModes, pid: number, hasTerminal: boolean): Readiness {
  const listeners: (() => void)[] = [];
  const began = systemClock.monotonic();
  let hasPrinted = false;
  let isReady = false;
  let cpu = lookUp(pid)?.cpuMs ?? 0;
  // A pipe keeps what the program does not read yet.
  let timer = setTimeout(conclude, hasTerminal ? SILENT_MS : 0);

  function conclude(): void {
    const now = lookUp(pid)?.cpuMs ?? 0;
    const isLoading = !hasPrinted && hasTerminal && now > cpu;
    if (isLoading && systemClock.monotonic() - began < AT_LATEST_MS) {
      cpu = now;
      timer = setTimeout(conclude, SILENT_MS);
      return;
    }
    isReady = true;
    for (const listener of listeners.splice(0)) listener();
  }

  return {
    noteOutput() {
      if (isReady || !hasTerminal) return;
      hasPrinted = true;
      clearTimeout(timer);
      const left = Math.max(0, AT_LATEST_MS - (systemClock.monotonic() - began));
      timer = setTimeout(conclude, Math.min(left, modes.has(BRACKETED_PASTE) ? AFTER_PASTE_MS : AFTER_OUTPUT_MS));
    },
    onReady(listener) {
      if (isReady) listener();
      else listeners.push(listener);
    },
    stop: () => clearTimeout(timer),
  };
}
