import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { cleanForTerminal, oneLine } from "@agent-orchestrator/core/model/text";
import type { History } from "../transcript/history.ts";
import { isOnFile } from "../weigh.ts";
import type { Reading } from "./screen.ts";

export type ConfirmReading = Extract<Reading, { kind: "confirm" }>;

/** The subject of a question, complete from the chat history, else as much as the screen shows. */
export function subjectOf(reading: ConfirmReading, history: History): string {
  return isOnFile(reading, history) ? (history.subject ?? "") : reading.above.join("\n");
}

/** `id` changes with every line of the history. Aider writes none while a question is open. */
export function dialogOf(id: string, reading: ConfirmReading, about: { subject: string; isAtStart: boolean }): Dialog {
  const { question, choices } = reading.confirm;
  const text = about.subject === "" ? question : `${question}\n${about.subject}`;
  return {
    id,
    kind: about.isAtStart ? "notice" : "permission",
    text: cleanForTerminal(text).slice(0, 4_000),
    choices: choices.map(({ label }) => label),
    takesText: false,
    canAlways: about.subject !== "",
  };
}

export function strangeDialog(id: string, line: string): Dialog {
  return {
    id,
    kind: "notice",
    text: oneLine(line, 400),
    choices: [],
    takesText: false,
    onlyInTerminal: "ao does not know this question from aider",
  };
}
