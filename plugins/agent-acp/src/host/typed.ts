import { PassThrough, type Readable } from "node:stream";
import { oneLine } from "@agent-orchestrator/core/model/text";
import type { HostState } from "../wire.ts";
import type { Picked } from "./dialogs.ts";
import type { Prompt } from "./turns.ts";

export interface TypedParts {
  talk(): {
    state(): Pick<HostState, "phase" | "dialog" | "queued">;
    submit(prompt: Prompt): unknown;
    answer(dialogId: string, picked: Picked): string | null;
    cancel(): boolean;
  };
  note(text: string): void;
  end(): void;
}

export interface TypedLines {
  onLine(line: string): void;
  onInterrupt(): void;
  /** The prompt before the input line, which says what a line would mean. */
  mark(): string;
}

/** Handles a typed line: an answer to an open question, or a prompt. Never a prompt while a question is open. */
export function typedLines({ talk, note, end }: TypedParts): TypedLines {
  let isWarned = false;
  return {
    onLine(line) {
      isWarned = false;
      const text = line.trim();
      if (text === "") return;
      const { dialog, phase } = talk().state();
      if (dialog === null) {
        talk().submit({ id: null, text: line, from: "terminal" });
        if (phase === "busy") note("The agent is working. It will get this when the turn is over.");
        return;
      }
      const number = /^\d+$/.test(text) ? Number(text) : 1 + dialog.choices.findIndex((label) => isLabel(label, text));
      if (number === 0 && !dialog.takesText) {
        note(`Not sent, for a question is open. Type the number of a choice: 1–${dialog.choices.length}.`);
        return;
      }
      const trouble = talk().answer(dialog.id, { number: number === 0 ? null : number, label: text, isAlways: false });
      if (trouble !== null) note(trouble);
    },
    onInterrupt() {
      if (talk().cancel()) {
        note("Interrupting …");
        return;
      }
      if (isWarned) end();
      else note("Nothing is running. Press Ctrl-C again to end the agent.");
      isWarned = !isWarned;
    },
    mark() {
      const { phase, dialog, queued } = talk().state();
      if (dialog !== null) return dialog.choices.length > 0 ? `[1–${dialog.choices.length}] ` : "[answer] ";
      const more = queued > 0 ? ` +${queued}` : "";
      return phase === "busy" || phase === "starting"
        ? `(${phase === "busy" ? "working" : "starting"}${more}) ❯ `
        : "❯ ";
    },
  };
}

const isLabel = (label: string, text: string): boolean => oneLine(label).toLowerCase() === text.toLowerCase();

const BEGIN = "\u001b[200~";
const END = "\u001b[201~";
/** Represents a line ending inside a typed line. */
const FOLD = "␤";

export interface TypedKeys {
  /** Prepares input for a line editor, so that a paste is one line. */
  stream: Readable;
  take(bytes: Buffer): void;
  /** The original line. */
  unfolded(line: string): string;
}

/** A line editor would take each line of a paste for a separate line, and two keys for the end of the program. */
export function typedKeys(): TypedKeys {
  const stream = new PassThrough();
  const decoder = new TextDecoder();
  let isPasting = false;
  let rest = "";

  function pass(text: string): void {
    const clean = isPasting
      ? text.replace(/\r\n?|\n/g, FOLD).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
      : text.replace(/[\u0004\u001a]/g, "");
    if (clean !== "") stream.write(clean);
  }

  return {
    stream,
    take(bytes) {
      let text = rest + decoder.decode(bytes, { stream: true });
      rest = "";
      for (;;) {
        const mark = isPasting ? END : BEGIN;
        const at = text.indexOf(mark);
        if (at === -1) break;
        pass(text.slice(0, at));
        isPasting = !isPasting;
        text = text.slice(at + mark.length);
      }
      const held = heldBack(text, isPasting);
      pass(text.slice(0, text.length - held));
      rest = text.slice(text.length - held);
    },
    unfolded: (line) => line.replaceAll(FOLD, "\n"),
  };
}

/** How many characters at the end may start a mark or a line ending, and must wait for more input. */
function heldBack(text: string, isPasting: boolean): number {
  if (isPasting && text.endsWith("\r")) return 1;
  const mark = isPasting ? END : BEGIN;
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--) {
    if (mark.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
