import type { Io } from "./io.ts";

export interface Screen {
  draw(lines: readonly string[]): void;
  close(): void;
}

export const ENTER = "\u001b[?1049h\u001b[?25l\u001b[H\u001b[2J";
export const LEAVE = "\u001b[?25h\u001b[?1049l";
/** q, Q, Ctrl-C, Ctrl-D and Escape. */
const LEAVING_KEYS = new Set(["q", "Q", "\u0003", "\u0004", "\u001b"]);

/** Draws on the terminal's alternate screen and rewrites only the lines that changed. */
export function openScreen(io: Io, { onLeave, onResize }: { onLeave(): void; onResize(): void }): Screen {
  let shown: string[] = [];
  const onData = (chunk: Buffer) => {
    if (LEAVING_KEYS.has(chunk.toString("utf8"))) onLeave();
  };
  const redraw = () => {
    shown = [];
    io.out("\u001b[2J");
    onResize();
  };
  const close = closer(io, { onData, redraw });
  const onSignal = () => onLeave();
  process.once("SIGTERM", onSignal).once("SIGHUP", onSignal).once("SIGINT", onSignal).once("exit", close);
  io.out(ENTER);
  io.stdin.setRawMode(true);
  io.stdin.on("data", onData).resume();
  io.stdout.on("resize", redraw);
  return {
    draw(lines) {
      const wanted = fitted(lines, io.stdout.rows || 24);
      io.out(changes(shown, wanted));
      shown = wanted;
    },
    close,
  };
}

function closer(io: Io, { onData, redraw }: { onData: (chunk: Buffer) => void; redraw: () => void }): () => void {
  let isOpen = true;
  return () => {
    if (!isOpen) return;
    isOpen = false;
    io.stdout.off("resize", redraw);
    io.stdin.off("data", onData).pause();
    io.stdin.setRawMode(false);
    io.out(LEAVE);
  };
}

/** The last line counts the lines that do not fit. */
function fitted(lines: readonly string[], rows: number): string[] {
  if (lines.length <= rows) return [...lines];
  return [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`];
}

/** What turns the lines that are shown into others. */
export function changes(shown: readonly string[], wanted: readonly string[]): string {
  let text = "";
  for (let row = 0; row < Math.max(shown.length, wanted.length); row += 1) {
    if (shown[row] !== wanted[row]) text += `\u001b[${row + 1};1H\u001b[0m\u001b[K${wanted[row] ?? ""}`;
  }
  return text;
}
