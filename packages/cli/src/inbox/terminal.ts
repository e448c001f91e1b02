import type { Io } from "../output/io.ts";
import { changes, ENTER, LEAVE } from "../output/screen.ts";
import { createDecoder, type Key } from "./keys.ts";

/** The terminal while the inbox is on it. What is pasted is marked, so that it is not taken for keys. */
export interface Terminal {
  draw(lines: readonly string[]): void;
  /** Gives the terminal back as it was found, until `resume`. */
  suspend(): void;
  resume(): void;
  close(): void;
}

const MARK_PASTES = "\u001b[?2004h";
const DO_NOT_MARK = "\u001b[?2004l";

interface Listening {
  onKeys(keys: Key[]): void;
  onResize(): void;
  onLeave(): void;
}

export function openTerminal(io: Io, { onKeys, onResize, onLeave }: Listening): Terminal {
  let shown: readonly string[] = [];
  let isOn = false;
  const decoder = createDecoder(onKeys);
  const onData = (chunk: Buffer | string) => decoder.push(chunk.toString());
  const redraw = () => {
    shown = [];
    io.out("\u001b[2J");
    onResize();
  };
  const resume = () => {
    if (isOn) return;
    isOn = true;
    shown = [];
    io.out(`${ENTER}${MARK_PASTES}`);
    io.stdin.setRawMode(true);
    io.stdin.setEncoding("utf8").on("data", onData).resume();
    io.stdout.on("resize", redraw);
  };
  const suspend = () => {
    if (!isOn) return;
    isOn = false;
    decoder.reset();
    io.stdout.off("resize", redraw);
    io.stdin.off("data", onData).pause();
    io.stdin.setRawMode(false);
    io.out(`${DO_NOT_MARK}${LEAVE}`);
  };
  // Ctrl-C in a pager is for the pager.
  const onInterrupt = () => {
    if (isOn) onLeave();
  };
  process.on("SIGTERM", onLeave).on("SIGHUP", onLeave).on("SIGINT", onInterrupt);
  process.once("exit", suspend);
  resume();
  return {
    draw(lines) {
      if (!isOn) return;
      const text = changes(shown, lines);
      if (text !== "") io.out(text);
      shown = lines;
    },
    suspend,
    resume,
    close() {
      suspend();
      process.off("SIGTERM", onLeave).off("SIGHUP", onLeave).off("SIGINT", onInterrupt).off("exit", suspend);
    },
  };
}
