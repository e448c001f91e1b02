import { oneLine } from "@agent-orchestrator/core/model/text";
import { fit, linesOf } from "../output/format.ts";
import type { Prompt } from "./model.ts";
import { askedLines, cut, type Look, titleOf } from "./texts.ts";

/** What is asked, about one row. */
export function promptLines(prompt: Prompt, look: Look): string[] {
  const { columns, colour } = look;
  const { row, session } = prompt;
  const head = colour.bold(fit(`${oneLine(session.id, 60)}  ${titleOf(session)}`, columns));
  const lines = bodyOf(prompt, look);
  // What is typed stays visible.
  const room = Math.max(1, look.rows - 2 - lines.length);
  const about =
    row.question === null || prompt.kind === "send" || prompt.kind === "snooze"
      ? cut(linesOf(oneLine(row.reason, 400), columns), { most: Math.min(4, room), width: columns })
      : askedLines(row.question, { most: room, width: columns });
  return [head, ...about.slice(0, room), "", ...lines];
}

function bodyOf(prompt: Prompt, { columns, colour, rows }: Look): string[] {
  const wrapped = (text: string) => linesOf(oneLine(text, 1_000), columns);
  switch (prompt.kind) {
    case "verdict":
      return wrapped("a approve, c request changes, o comment?");
    case "confirm":
      return wrapped(`${prompt.question} [y/N]`);
    default: {
      const note = prompt.note === null ? [] : wrapped(prompt.note).map((line) => colour.yellow(line));
      const typed = linesOf(`${labelOf(prompt)} ${oneLine(prompt.text, 4_000)}_`, columns);
      return [...note, ...typed.slice(-Math.max(1, Math.floor(rows / 2)))];
    }
  }
}

function labelOf(prompt: Extract<Prompt, { text: string }>): string {
  const { row, session } = prompt;
  switch (prompt.kind) {
    case "send":
      return `Message to ${oneLine(session.id, 60)}:`;
    case "review":
      return prompt.state === "commented" ? "Comment:" : "Changes to request:";
    case "snooze":
      return "Snooze for 30m, 2h, 1d or until 14:30 (1h):";
    case "answer": {
      const count = row.question?.choices.length ?? 0;
      const to = row.sessions.length > 1 ? ` to ${row.sessions.length} sessions` : "";
      const choice = count === 0 ? "Answer" : count === 1 ? "Answer (1" : `Answer (1 to ${count}`;
      const own = count === 0 ? "" : row.question?.takesText === true ? ", or your own words)" : ")";
      return `${choice}${own}${to}:`;
    }
  }
}
