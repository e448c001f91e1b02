import { notOpen, pickByKeys } from "@agent-orchestrator/agent-kit/answers";
import { until } from "@agent-orchestrator/agent-kit/until";
import { AoError } from "@agent-orchestrator/core/model/errors";
import type { AnswerOptions } from "@agent-orchestrator/core/slots/agent";
import type { Clock, Session } from "@agent-orchestrator/core/slots/common";
import { answerAsk } from "./hooks/asks.ts";
import { placesIn, readNote, writeNote } from "./launch/note.ts";
import { askId, dialogOfAsk, dialogOfScreen, type Question, questionsOf } from "./screen/dialog.ts";
import { type ScreenDialog, seenNow } from "./screen/screen.ts";
import type { Ask } from "./signals.ts";
import type { SessionWatch } from "./watch.ts";

export interface Answering {
  session: Session;
  watch: SessionWatch;
  choice: string;
  options: AnswerOptions;
  clock: Clock;
}

/** Answers exactly this dialog, through its hook's pipe if the answer can be expressed there, else by keys. */
export async function answer(answering: Answering): Promise<void> {
  const { watch, options } = answering;
  const ask = watch.asks.open().find((each) => askId(each) === options.dialog.id);
  const open = watch.asks.open()[0] ?? null;
  if (ask === undefined) {
    if (options.dialog.id.startsWith("ask-") || open !== null) throw notOpen();
    return byKeys(answering, null);
  }
  const decision = decisionOf(answering, ask);
  if (decision === null) return byKeys(answering, ask);
  const { asks } = placesIn(answering.session.sessionDir);
  const output = { hookSpecificOutput: { hookEventName: "PermissionRequest", decision } };
  if (!(await answerAsk({ dir: asks, pid: ask.pid }, output, answering.clock))) {
    if (options.isAlways || options.number === null) throw notOpen();
    return byKeys(answering, ask);
  }
  if (options.isAlways) remember(answering.session, ask);
  watch.asks.settle(ask);
  watch.answered();
}

/** Null if only the choice's key can express it. */
function decisionOf({ choice, options }: Answering, ask: Ask): Record<string, unknown> | null {
  const questions = questionsOf(ask);
  if (questions !== null) {
    if (options.isAlways) throw new AoError("REFUSED", "a question can't be answered permanently");
    return {
      behavior: "allow",
      updatedInput: { ...(ask.input as object), answers: answersOf(questions, choice, options) },
    };
  }
  if (options.isAlways) {
    if (ask.suggestions.length === 0) throw new AoError("REFUSED", "this cannot be allowed permanently");
    const label = options.number === null ? choice : (options.dialog.choices[options.number - 1] ?? choice);
    if (!/^yes\b/i.test(label)) {
      throw new AoError("REFUSED", "only a yes can be permanent", { hint: "Answer without `--always`." });
    }
    return { behavior: "allow", updatedPermissions: forSession(ask.suggestions) };
  }
  if (options.number === null) return { behavior: "deny", message: choice };
  const label = options.dialog.choices[options.number - 1] ?? choice;
  if (/^yes$/i.test(label)) return { behavior: "allow" };
  if (/^no\b/i.test(label)) return { behavior: "deny", message: "The user said no.", interrupt: true };
  return null;
}

/** The program's own suggestions, but only for this session. Nothing is written into the user's repository. */
const forSession = (suggestions: unknown[]): unknown[] =>
  suggestions.map((each) => ({ ...(each as object), destination: "session" }));

function answersOf(questions: Question[], choice: string, { number, dialog }: AnswerOptions): Record<string, string> {
  const [only] = questions;
  if (questions.length === 1 && only !== undefined) {
    const label = number === null ? undefined : only.options[number - 1]?.label;
    return { [only.question]: label ?? choice };
  }
  const lines = choice
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length !== questions.length) {
    throw new AoError("REFUSED", `${questions.length} questions are asked, and there are ${lines.length} answers`, {
      hint: `One line for each of: ${dialog.text}`,
    });
  }
  return Object.fromEntries(
    questions.map(({ question, options }, index) => [question, labelOr(options, lines[index])]),
  );
}

/** A bare number names a choice. */
function labelOr(options: Question["options"], line = ""): string {
  return /^\d{1,2}$/.test(line) ? (options[Number(line) - 1]?.label ?? line) : line;
}

/** Permanently allowed rules also apply to later launches of this session. */
function remember(session: Session, { suggestions }: Ask): void {
  const note = readNote(session.sessionDir);
  if (note === null) return;
  const rules = suggestions.flatMap((each) => rulesIn(each));
  writeNote(session.sessionDir, { ...note, allowed: [...new Set([...note.allowed, ...rules])] });
}

function rulesIn(suggestion: unknown): string[] {
  const { behavior, rules } = suggestion as {
    behavior?: unknown;
    rules?: { toolName?: string; ruleContent?: string }[];
  };
  if (behavior !== "allow" || !Array.isArray(rules)) return [];
  return rules.flatMap(({ toolName, ruleContent }) =>
    toolName === undefined ? [] : [ruleContent === undefined ? toolName : `${toolName}(${ruleContent})`],
  );
}

/** It draws the next dialog, or goes on, within this time. */
const OVER_MS = 4_500;
const LOOK_MS = 150;

/** Chooses in the terminal. Reads the same dialog before each step. */
async function byKeys(answering: Answering, ask: Ask | null): Promise<void> {
  const { options, watch, clock } = answering;
  const { terminal, signal, number } = options;
  if (number === null) throw new AoError("REFUSED", "this dialog accepts only one of its choices");
  if (options.isAlways) throw new AoError("REFUSED", "this cannot be allowed permanently");
  const marked = async () => (await sameDialog(answering, ask)).choices.findIndex(({ isSelected }) => isSelected);
  await pickByKeys({ terminal, clock, signal, wanted: number - 1, marked });
  const isOver = async () => !(await isStillOpen(answering, ask));
  if (await until(isOver, { clock, ms: OVER_MS, everyMs: LOOK_MS, signal })) return watch.poke();
  throw new AoError("UNREACHABLE", "the dialog is still open", { hint: "Run `ao attach` to see it." });
}

async function sameDialog(answering: Answering, ask: Ask | null): Promise<ScreenDialog> {
  const { dialog } = answering.options;
  const seen = (await seenNow(answering.options))?.dialog;
  if (seen === null || seen === undefined) throw notOpen();
  const now = ask === null ? dialogOfScreen(seen, "") : dialogOfAsk(ask, seen);
  if (now.id !== dialog.id || now.choices.join("\n") !== dialog.choices.join("\n") || seen.choices.length === 0)
    throw notOpen();
  return seen;
}

async function isStillOpen(answering: Answering, ask: Ask | null): Promise<boolean> {
  try {
    await sameDialog(answering, ask);
    return ask === null || answering.watch.asks.open().includes(ask);
  } catch {
    return false; // Another dialog, or none.
  }
}
