// The two files that aider keeps: the conversation as it was shown, and what was typed at its prompts.
import { appendFileSync, existsSync, readFileSync } from "node:fs";

const two = (n, width = 2) => String(n).padStart(width, "0");

function stamp(date = new Date()) {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export class ChatHistory {
  constructor(path) {
    this.path = path;
    appendFileSync(path, `\n# aider chat started at ${stamp()}\n\n`);
  }

  /** Each line is marked, and ends in two spaces. */
  user(text) {
    const lines = text === "" ? ["<blank>"] : text.split(/\r?\n/);
    if (lines.length > 1 && lines.at(-1) === "") lines.pop();
    this.#line(`\n#### ${lines.join("  \n#### ")}`);
  }

  /** Only the first of several lines is marked. */
  quote(text) {
    this.#line(`> ${text.trim()}`);
  }

  answer(text) {
    appendFileSync(this.path, `\n${text.trim()}\n\n`);
  }

  #line(text) {
    appendFileSync(this.path, `${text.trimEnd()}  \n`);
  }
}

/** As prompt_toolkit writes it: an entry that repeats the last one is left out. */
export class InputHistory {
  constructor(path) {
    this.path = path;
    this.last = existsSync(path) ? lastEntry(readFileSync(path, "utf8")) : null;
  }

  add(text) {
    if (text === "" || text === this.last) return;
    this.last = text;
    const lines = text.split("\n").map((line) => `+${line}\n`);
    appendFileSync(this.path, `\n# ${stamp()}.000000\n${lines.join("")}`);
  }
}

function lastEntry(text) {
  const block =
    text
      .trimEnd()
      .split(/\n(?=# \d)/)
      .at(-1) ?? "";
  const lines = block.split("\n").filter((line) => line.startsWith("+"));
  return lines.length === 0 ? null : lines.map((line) => line.slice(1)).join("\n");
}

/** The messages of an earlier run, for `--restore-chat-history`. */
export function restoredMessages(path) {
  if (!existsSync(path)) return [];
  const messages = [];
  const add = (role, line) => {
    const last = messages.at(-1);
    if (last?.role === role) last.lines.push(line);
    else messages.push({ role, lines: [line] });
  };
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line.startsWith("# ") || line.startsWith("> ")) continue;
    if (line.startsWith("#### ")) add("user", line.slice(5).trimEnd());
    else add("assistant", line);
  }
  return messages
    .map(({ role, lines }) => ({ role, content: lines.join("\n").trim() }))
    .filter(({ content }) => content !== "");
}
