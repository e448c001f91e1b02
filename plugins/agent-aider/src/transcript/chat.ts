import { isAnswered } from "../screen/confirm.ts";
import { parseUsageLine, type UsageLine } from "./usage.ts";

/** What the chat history contains, line by line. The model's text is in it verbatim. */
export type ChatEvent =
  | { kind: "started"; at: string }
  /** Input: a message, or one of aider's own commands. */
  | { kind: "user"; text: string }
  /** Aider's question with its answer. */
  | { kind: "answered"; line: string }
  | { kind: "model"; name: string }
  | { kind: "usage"; usage: UsageLine }
  | { kind: "commit"; hash: string; title: string }
  /** A command that it runs for the model. */
  | { kind: "running"; command: string }
  | { kind: "interrupted" }
  | { kind: "retrying" }
  /** Anything else from aider itself. */
  | { kind: "said"; line: string }
  /** A line of the model's answer, or a continuation of aider's text. */
  | { kind: "text"; line: string };

const USER = "#### ";
const SAID = "> ";

/**
 * Aider ends each of its own lines with two blanks. The model's headings and quotations hardly ever do. Before acting on a user's text,
 * check the input history too.
 */
const isAiders = (line: string): boolean => line.endsWith("  ");

/** Joins the lines, so that the lines of one message are one event. Call `end` if there are no more for now. */
export class ChatParser {
  #user: string[] = [];

  add(line: string): ChatEvent[] {
    if (line.startsWith(USER) && isAiders(line)) {
      this.#user.push(line.slice(USER.length, -2));
      return [];
    }
    return [...this.end(), ...eventOf(line)];
  }

  /** A message is written at once, so what exists of it is complete. */
  end(): ChatEvent[] {
    if (this.#user.length === 0) return [];
    const text = this.#user.join("\n");
    this.#user = [];
    // Aider also writes its own answers for a whole group of questions there.
    return [isAnswered(text) ? { kind: "answered", line: text } : { kind: "user", text }];
  }
}

function eventOf(line: string): ChatEvent[] {
  const started = /^# aider chat started at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$/.exec(line)?.[1];
  if (started !== undefined) return [{ kind: "started", at: started }];
  if (line.trim() === "") return [];
  // With two kinds of cache there are two lines, and only the second has aider's blanks.
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
