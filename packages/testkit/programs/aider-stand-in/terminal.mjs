// A line editor that reads and draws like prompt_toolkit's, as far as another program can tell: raw mode and bracketed paste only
// while a prompt is open. In between it is an ordinary terminal, which keeps what is typed for the next prompt.
import { StringDecoder } from "node:string_decoder";

export class Interrupted extends Error {}
export class EndOfInput extends Error {}

const PASTE_BEGIN = "\u001b[200~";
const PASTE_END = "\u001b[201~";
const SPINNER = ["░█        ", "█░        ", " ░█       ", "  ░█      ", "   ░█     ", "    ░█    ", "     ░█   "];

export class Terminal {
  #decoder = new StringDecoder("utf8");
  /** Input that was read and belongs to no prompt yet. */
  #ahead = "";

  constructor({ isPretty }) {
    this.isPretty = isPretty;
    process.stdin.pause();
  }

  get columns() {
    return process.stdout.columns || 80;
  }

  print(text = "", colour = null) {
    process.stdout.write(this.isPretty && colour !== null ? `\u001b[${colour}m${text}\u001b[0m\n` : `${text}\n`);
  }

  rule() {
    if (this.isPretty) this.print("─".repeat(this.columns), "32");
    else this.print();
  }

  /** One input. `prefix` is shown before each further line. */
  async prompt(show, prefix = "") {
    const stdin = process.stdin;
    const head = show.slice(0, show.lastIndexOf("\n") + 1);
    const draft = new Draft(show.slice(head.length), prefix, this.columns);
    process.stdout.write(`\u001b[?2004h${head}`);
    stdin.setRawMode?.(true);
    draft.draw();
    let onData;
    let onEnd;
    try {
      return await new Promise((resolve, reject) => {
        const take = (text) => {
          this.#ahead += text;
          try {
            const line = this.#edit(draft);
            if (line !== null) resolve(line);
          } catch (error) {
            reject(error);
          }
        };
        onData = (bytes) => take(this.#decoder.write(bytes));
        onEnd = () => reject(new EndOfInput());
        stdin.on("data", onData);
        stdin.on("end", onEnd);
        stdin.resume();
        if (this.#ahead !== "") take("");
      });
    } finally {
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      stdin.pause();
      stdin.setRawMode?.(false);
      process.stdout.write("\u001b[?2004l\r\n");
    }
  }

  /** Returns null if more is needed. */
  #edit(draft) {
    while (this.#ahead !== "") {
      const key = this.#nextKey();
      if (key === null) break;
      if (key === "\r" || key === "\n") {
        draft.draw();
        return draft.text;
      }
      if (key === "\u0003") throw new Interrupted();
      if (key === "\u0004" && draft.text === "") throw new EndOfInput();
      draft.take(key);
    }
    draft.draw();
    return null;
  }

  #nextKey() {
    const text = this.#ahead;
    if (text.startsWith(PASTE_BEGIN)) {
      const end = text.indexOf(PASTE_END);
      if (end === -1) return null;
      this.#ahead = text.slice(end + PASTE_END.length);
      return { paste: text.slice(PASTE_BEGIN.length, end).replace(/\r\n?/g, "\n") };
    }
    // A sequence that was split is joined with the next piece.
    if (text.length < PASTE_BEGIN.length && PASTE_BEGIN.startsWith(text) && text.length > 1) return null;
    const sequence = /^\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])/.exec(text)?.[0];
    const key = sequence ?? String.fromCodePoint(text.codePointAt(0));
    this.#ahead = text.slice(key.length);
    return key;
  }

  /** Draws until it is stopped. Returns the function that stops it. */
  spin(text) {
    if (!this.isPretty || !process.stdout.isTTY) return () => undefined;
    let frame = 0;
    const begunMs = Date.now();
    let width = 0;
    const timer = setInterval(() => {
      if (Date.now() - begunMs < 500) return;
      const line = `${SPINNER[frame++ % SPINNER.length]} ${text}`.slice(0, this.columns - 2);
      width = line.length;
      process.stdout.write(`\u001b[?25l\r${line}${"\b".repeat(line.length)}`);
    }, 150);
    return () => {
      clearInterval(timer);
      if (width > 0) process.stdout.write(`\r${" ".repeat(width)}\r\u001b[?25h`);
    };
  }
}

class Draft {
  text = "";
  #rows = 0;

  constructor(first, prefix, columns) {
    this.first = first;
    this.prefix = prefix;
    this.columns = columns;
  }

  take(key) {
    if (typeof key === "object") this.text += key.paste;
    else if (key === "\u007f" || key === "\b") this.text = [...this.text].slice(0, -1).join("");
    else if (key === "\u0015") this.text = "";
    else if (key === "\u001b\r") this.text += "\n";
    else if (key >= " ") this.text += key;
  }

  /** Redraws all of it, from the first row to the cursor at its end, but no more than fits into the terminal. */
  draw() {
    const lines = this.text.split("\n").map((line, at) => (at === 0 ? this.first : this.prefix) + line);
    const most = Math.max(1, (process.stdout.rows || 24) - 4);
    const rows = lines.flatMap((line) => line.match(new RegExp(`.{1,${this.columns}}`, "gsu")) ?? [""]).slice(-most);
    const up = this.#rows > 1 ? `\u001b[${this.#rows - 1}A` : "";
    process.stdout.write(`${up}\r\u001b[J${rows.join("\r\n")}`);
    this.#rows = rows.length;
  }
}
