import { isAnswered } from "./confirm.ts";
import { parseUsageLine, type UsageLine } from "./usage-line.ts";

/** What the chat history says, line by line. The text of the model stands among it as it is. */
export type ChatEvent =
  | { kind: "started"; at: string }
  /** Taken as input: a message, or a command of aider's own. */
  | { kind: "user"; text: string }
  /** A question of aider's, with its answer. */
  | { kind: "answered"; line: string }
  | { kind: "model"; name: string }
  | { kind: "usage"; usage: UsageLine }
  | { kind: "commit"; hash: string; title: string }
  /** A command that it runs for the model. */
  | { kind: "running"; command: string }
  | { kind: "interrupted" }
  | { kind: "retrying" }
  /** Anything else that aider itself says. */
  | { kind: "said"; line: string }
  /** A line of the model's answer, or one that goes on with what aider said. */
  | { kind: "text"; line: string };

const USER = "#### ";
const SAID = "> ";

/**
 * Aider ends every line of its own with two blanks; a heading or a quotation of the model's hardly ever does. Whoever acts upon a user's
 * words asks the input history too.
 */
const isAiders = (line: string): boolean => line.endsWith("  ");

/** Puts the lines together: several lines of one message are one event. Call `end` when there are no more for now. */
export class ChatParser {
  #user: string[] = [];

  add(line: string): ChatEvent[] {
    if (line.startsWith(USER) && isAiders(line)) {
      this.#user.push(line.slice(USER.length, -2));
      return [];
    }
    return [...this.end(), ...eventOf(line)];
  }

  /** A message is written in one go: what there is of it is all of it. */
  end(): ChatEvent[] {
    if (this.#user.length === 0) return [];
    const text = this.#user.join("\n");
    this.#user = [];
    // Aider puts its own answers for a whole group of questions there too.
    return [isAnswered(text) ? { kind: "answered", line: text } : { kind: "user", text }];
  }
}

function eventOf(line: string): ChatEvent[] {
  const started = /^# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$/.exec(line)?.[1];
  if (started !== undefined) return [{ kind: "started", at: started }];
  if (line.trim() === "") return [];
  // With two kinds of cache this is two lines, and only the second has aider's blanks.
  const usage = parseUsageLine(line.replace(/^> /, "").trim());
  if (usage !== null) return [{ kind: "usage", usage }];
  if (!line.startsWith(SAID) || !isAiders(line)) return [{ kind: "text", line }];
  return [saidEvent(line.slice(SAID.length).trim())];
}

function saidEvent(line: string): ChatEvent {
  const model = /^(?:Main model|Model): (\S+) with /.exec(line)?.[1];
  if (model !== undefined) return { kind: "model", name: model };
  const [, hash, title] = /^Commit ([0-9a-f]{7,40}) (.*)$/.exec(line) ?? [];
  if (hash !== undefined) return { kind: "commit", hash, title: title ?? "" };
  const command = /^Running (.+)$/.exec(line)?.[1];
  if (command !== undefined) return { kind: "running", command };
  if (/^\^C (again to exit|KeyboardInterrupt)$/.test(line)) return { kind: "interrupted" };
  if (/^Retrying in [\d.]+ seconds\.\.\.$/.test(line)) return { kind: "retrying" };
  return isAnswered(line) ? { kind: "answered", line } : { kind: "said", line };
}
