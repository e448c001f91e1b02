import { AoError } from "../model/errors.ts";
import type { OpenQuestion } from "../model/session-view.ts";
import { oneLine } from "../model/text.ts";

/** An answer as the agent is given it: the label of a choice with its number, or a text with none. */
export interface Answer {
  choice: string;
  number: number | null;
}

export interface WantedAnswer {
  /** What the user wrote: a number, a label, the beginning of one, or a text. */
  words: string;
  /** It is a text, whatever it looks like. */
  isText: boolean;
  isAlways: boolean;
}

/** What the user's words mean for this question. Throws USAGE when they mean nothing, REFUSED when it can't be answered so. */
export function resolveAnswer(id: string, question: OpenQuestion, wanted: WantedAnswer): Answer {
  if (question.onlyInTerminal !== null) {
    throw new AoError("REFUSED", `${id} can only be answered in its terminal: ${question.onlyInTerminal}`, {
      hint: `\`ao attach ${id}\` and answer there.`,
    });
  }
  if (wanted.isAlways && !question.canAlways) {
    throw new AoError("REFUSED", `${id} asks for this once: it has no way to allow it permanently`, {
      hint: "Answer without --always, or put the command into `agentConfig.allow`.",
    });
  }
  if (wanted.words.trim() === "") throw unknown(question, "which choice?");
  if (!wanted.isText) {
    const number = numberOf(question, wanted.words);
    if (number !== null) return { choice: question.choices[number - 1] ?? "", number };
  }
  if (wanted.isAlways) throw unknown(question, "only one of its choices can be made permanent");
  if (question.takesText && (wanted.isText || !isMistakable(question, wanted.words))) {
    return { choice: wanted.words, number: null };
  }
  const why = wanted.isText ? "it takes no text" : `no such choice: ${oneLine(wanted.words, 60)}`;
  throw unknown(question, why);
}

/**
 * Words that are none of the choices, and may have been meant for one: a number, and anything said to a permission, where a text means no.
 */
const isMistakable = ({ kind, choices }: OpenQuestion, words: string): boolean =>
  choices.length > 0 && (kind === "permission" || /^\s*\d{1,3}\s*$/.test(words));

const plain = (text: string): string => oneLine(text, 1000).toLowerCase();

/** 1 = the first choice; null: the words are none of them. Throws USAGE where they fit several. */
function numberOf(question: OpenQuestion, words: string): number | null {
  const labels = question.choices.map(plain);
  const wanted = plain(words);
  const byNumber = /^\d{1,3}$/.test(wanted) && Number(wanted) >= 1 && Number(wanted) <= labels.length;
  const found = (fits: (label: string) => boolean) =>
    labels.flatMap((label, index) => (fits(label) ? [index + 1] : []));
  const exact = found((label) => label === wanted);
  const numbers = new Set([...(byNumber ? [Number(wanted)] : []), ...exact]);
  const fitting = numbers.size > 0 ? [...numbers] : found((label) => beginsWith(label, wanted));
  const [first, second] = fitting;
  if (first === undefined) return null;
  if (second !== undefined) throw unknown(question, `${oneLine(words, 60)} fits several choices`);
  return first;
}

/** Whole words at the beginning: `yes` is `Yes, proceed (y)`; `y` is not. */
const beginsWith = (label: string, wanted: string): boolean =>
  label.startsWith(wanted) && !/[\p{L}\p{N}]/u.test(label.charAt(wanted.length));

function unknown({ kind, choices, takesText }: OpenQuestion, why: string): AoError {
  const listed = choices.map((choice, index) => `${index + 1} ${oneLine(choice, 60)}`);
  const ownText = kind === "permission" ? "or no, with words of your own: --text" : "or a text of your own";
  const ways = [...listed, ...(takesText ? [ownText] : [])].join(" · ");
  return new AoError("USAGE", `nothing was answered: ${why}`, { hint: `The choices are: ${ways}` });
}

/** Questions that are the same to the letter may be answered together. null: this one is answered alone. */
export function questionKey(question: OpenQuestion): string | null {
  const { dialogId, kind, text, choices, takesText, onlyInTerminal } = question;
  const isOfReport = dialogId === null && kind === "report" && takesText;
  if (onlyInTerminal !== null || (dialogId === null && !isOfReport)) return null;
  return JSON.stringify([kind, text, choices, takesText]);
}
