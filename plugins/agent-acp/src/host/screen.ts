import { clearScreenDown, createInterface, type Interface, moveCursor } from "node:readline";
import type { ReadStream, WriteStream } from "node:tty";
import { typedKeys } from "./typed.ts";

/** The terminal of the host: a scrolling transcript, and below it one input line. */
export interface Screen {
  print(lines: readonly string[]): void;
  width(): number;
  /** The prompt before the input line. */
  setMark(mark: string): void;
  close(): void;
}

export interface ScreenEvents {
  onLine(line: string): void;
  onInterrupt(): void;
}

const BRACKETED_PASTE = { on: "\u001b[?2004h", off: "\u001b[?2004l" };
const WIDTH = 100;

/** `prevRows` is not in the types. It is the number of rows of the input line above the cursor. */
type Editor = Interface & { prevRows?: number };

export function openScreen(stdin: ReadStream, stdout: WriteStream, events: ScreenEvents): Screen {
  stdout.on("error", () => undefined); // Nobody reads any more, and the work continues.
  if (!stdin.isTTY || !stdout.isTTY) return plainScreen(stdin, stdout, events);
  const keys = typedKeys();
  const editor: Editor = createInterface({ input: keys.stream, output: stdout, terminal: true, prompt: "❯ " });
  stdin.setRawMode(true);
  stdin.on("data", (bytes: Buffer) => keys.take(bytes));
  stdout.write(BRACKETED_PASTE.on);
  let isClosed = false;
  editor.on("line", (line) => {
    // Remove the typed line. As a prompt it appears in the transcript.
    moveCursor(stdout, 0, -1 - Math.floor((line.length + 2) / Math.max(1, stdout.columns)));
    stdout.write("\r");
    clearScreenDown(stdout);
    events.onLine(keys.unfolded(line));
    editor.prompt();
  });
  editor.on("SIGINT", () => {
    const isEmpty = editor.line === "";
    editor.write(null, { ctrl: true, name: "e" });
    editor.write(null, { ctrl: true, name: "u" });
    if (isEmpty) events.onInterrupt();
  });
  editor.on("SIGTSTP", () => undefined);
  editor.prompt();
  return {
    print(lines) {
      if (isClosed) return;
      const { rows } = editor.getCursorPos();
      moveCursor(stdout, 0, -rows);
      // A plain carriage return, so that the stored text knows what was overwritten.
      stdout.write("\r");
      clearScreenDown(stdout);
      stdout.write(lines.map((line) => `${line}\n`).join(""));
      editor.prevRows = 0;
      editor.prompt(true);
    },
    width: () => stdout.columns ?? WIDTH,
    setMark(mark) {
      if (isClosed || editor.getPrompt() === mark) return;
      editor.setPrompt(mark);
      editor.prompt(true);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      moveCursor(stdout, 0, -editor.getCursorPos().rows);
      stdout.write("\r");
      clearScreenDown(stdout);
      stdout.write(BRACKETED_PASTE.off);
      editor.close();
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}

/** Without a terminal: lines in, lines out. */
function plainScreen(stdin: NodeJS.ReadableStream, stdout: NodeJS.WritableStream, events: ScreenEvents): Screen {
  createInterface({ input: stdin }).on("line", events.onLine);
  return {
    print: (lines) => void stdout.write(lines.map((line) => `${line}\n`).join("")),
    width: () => WIDTH,
    setMark: () => undefined,
    close: () => undefined,
  };
}
