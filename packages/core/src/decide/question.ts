import { isAskedByReport, openDialog } from "../model/question.ts";
import type { SessionRecord } from "../model/session.ts";
import type { OpenQuestion } from "../model/session-view.ts";
import { oneLine } from "../model/text.ts";
import { isAsking } from "./activity.ts";

/** What the agent asks at this moment, and how it can be answered. null: nothing. */
export function openQuestion(record: SessionRecord): OpenQuestion | null {
  const { activity } = record;
  if (activity === null || !isAsking(activity.state)) return null;
  const dialog = openDialog(record);
  if (dialog !== null) {
    const { id, kind, text, choices, takesText, canAlways, onlyInTerminal } = dialog;
    const hasWay = choices.length > 0 || takesText;
    const only = onlyInTerminal ?? (hasWay ? null : "it has neither choices nor a place for text");
    return { dialogId: id, kind, text, choices, takesText, canAlways: canAlways === true, onlyInTerminal: only };
  }
  const takesText = isAskedByReport(record);
  return {
    dialogId: null,
    kind: activity.source === "report" ? "report" : "question",
    text: activity.question || activity.evidence,
    choices: [],
    takesText,
    canAlways: false,
    onlyInTerminal: takesText ? null : "its choices are unknown",
  };
}

const MAX_QUESTION = 120;
const MAX_CHOICE = 40;

/** The question with its choices, on one line. */
export function questionLine(record: SessionRecord): string {
  const question = openQuestion(record);
  if (question === null) return "";
  const asked = record.activity?.question || question.text;
  const choices = question.choices.map((choice, index) => `${index + 1} ${oneLine(choice, MAX_CHOICE)}`);
  return choices.length === 0 ? oneLine(asked) : `${oneLine(asked, MAX_QUESTION)} [${choices.join(" · ")}]`;
}

/** The command that answers it. Which choice is right is the user's to say: it shows them, and asks. */
export function answerHint(record: SessionRecord): string {
  const question = openQuestion(record);
  if (question === null || question.onlyInTerminal !== null) return `ao attach ${record.id}`;
  return question.choices.length > 0 ? `ao answer ${record.id}` : `ao answer ${record.id} "…"`;
}
