import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import { type Colours, coloursFor } from "../output/colour.ts";
import type { Io } from "../output/io.ts";

/** Prints what happens, with the seconds since the start. */
export class Story {
  readonly colour: Colours;
  readonly #io: Io;
  readonly #startMs: number;

  constructor(io: Io) {
    this.#io = io;
    this.colour = coloursFor(io);
    this.#startMs = io.now();
  }

  get seconds(): number {
    return (this.#io.now() - this.#startMs) / 1000;
  }

  /** A sentence of the narrator. */
  say(text: string): void {
    this.#io.out(`\n${this.colour.bold(text)}\n`);
  }

  /** Something that happened. */
  event(who: string, text: string): void {
    const stamp = `${this.seconds.toFixed(1).padStart(5)}s`;
    const line = fitTo(cleanForTerminal(text).replaceAll("\n", " "), this.#io.columns() - 16);
    this.#io.out(`${this.colour.dim(stamp)}  ${this.colour.cyan(who.padEnd(7))} ${line}\n`);
  }

  /** The beginning of a longer text, and the part that failed. */
  quote(text: string, lines: number): void {
    const all = cleanForTerminal(text).trimEnd().split("\n");
    const failing = all.findIndex((line) => /^> not ok/.test(line));
    const shown =
      failing < lines ? all.slice(0, lines) : [...all.slice(0, 3), "…", ...all.slice(failing, failing + lines - 4)];
    for (const line of shown) this.#quoted(line);
    const left = all.length - (failing < lines ? lines : failing + lines - 4);
    if (left > 0) this.#quoted(`… ${left} more lines`);
  }

  #quoted(line: string): void {
    const shown = fitTo(`│ ${line}`, this.#io.columns() - 16);
    this.#io.out(`${" ".repeat(15)}${this.colour.dim(shown)}\n`);
  }

  table(lines: readonly string[]): void {
    this.#io.out(`\n${lines.map((line) => `  ${line}`).join("\n")}\n\n`);
  }

  /** A notification with its bell. */
  notify(text: string): void {
    this.#io.out(`${this.colour.yellow(`        🔔 ${fitTo(oneLine(text, 300), this.#io.columns() - 12)}`)}\n`);
  }
}

const fitTo = (text: string, width: number): string =>
  text.length > width && width > 10 ? `${text.slice(0, width - 1)}…` : text;
