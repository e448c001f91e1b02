import type { Dialog } from "@agent-orchestrator/core/model/dialog";
import { oneLine } from "@agent-orchestrator/core/model/text";

export interface Choice {
  label: string;
  /** The same from now on, without another question. */
  isAlways: boolean;
  isRefusal: boolean;
}

export interface Asking {
  kind: Dialog["kind"];
  text: string;
  choices: readonly Choice[];
  /** It can also be answered with text. */
  takesText?: boolean;
}

/** The `index` of a choice, or a text. Null if the turn was cancelled and nobody will answer. */
export type Answer = { index: number } | { text: string } | null;

export interface OpenDialog {
  dialog: Dialog;
  choices: readonly Choice[];
}

export interface Picked {
  number: number | null;
  label: string;
  isAlways: boolean;
}

/** The open dialogs, which are answered one after the other, because agents ask several things at once. */
export interface Dialogs {
  current(): OpenDialog | null;
  ask(asking: Asking): Promise<Answer>;
  /** Why it was not answered, or null if it was. */
  answer(id: string, picked: Picked): string | null;
  cancelAll(): void;
}

export interface DialogEvents {
  onOpen(open: OpenDialog): void;
  onAnswered(open: OpenDialog, answer: string): void;
  onChange(): void;
}

interface Waiting extends OpenDialog {
  done(answer: Answer): void;
}

/** `prefix` makes the ids of this host's dialogs unique among all hosts. */
export function openDialogs(prefix: string, events: DialogEvents): Dialogs {
  const waiting: Waiting[] = [];
  let count = 0;

  function settle(entry: Waiting, answer: Answer): void {
    waiting.splice(waiting.indexOf(entry), 1);
    entry.done(answer);
    const [next] = waiting;
    if (next !== undefined) events.onOpen(next);
    events.onChange();
  }

  return {
    current: () => waiting[0] ?? null,
    ask: (asking) =>
      new Promise((done) => {
        count += 1;
        const entry = { dialog: dialogOf(asking, `${prefix}-${count}`), choices: asking.choices, done };
        waiting.push(entry);
        if (waiting.length > 1) return;
        events.onOpen(entry);
        events.onChange();
      }),
    answer(id, picked) {
      const entry = waiting.find(({ dialog }) => dialog.id === id);
      if (entry === undefined) return "that question is no longer open";
      const answer = answerFor(entry, picked);
      if (typeof answer === "string") return answer;
      const words = answer !== null && "index" in answer ? entry.choices[answer.index]?.label : picked.label;
      events.onAnswered(entry, words ?? "");
      settle(entry, answer);
      return null;
    },
    cancelAll() {
      for (const entry of [...waiting]) {
        waiting.splice(waiting.indexOf(entry), 1);
        entry.done(null);
      }
      events.onChange();
    },
  };
}

function dialogOf(asking: Asking, id: string): Dialog {
  return {
    id,
    kind: asking.kind,
    text: asking.text,
    choices: asking.choices.map(({ label }) => oneLine(label)),
    takesText: asking.takesText ?? false,
    canAlways: asking.choices.some(({ isAlways, isRefusal }) => isAlways && !isRefusal),
  };
}

function answerFor({ choices, dialog }: Waiting, { number, label, isAlways }: Picked): Answer | string {
  const index = number === null ? dialog.choices.indexOf(label) : number - 1;
  if (number === null && index === -1) {
    return dialog.takesText ? { text: label } : "it takes one of its choices, no text";
  }
  const choice = choices[index];
  if (choice === undefined) return `it has no choice ${number}, but ${choices.length}`;
  if (!isAlways || choice.isAlways) return { index };
  const always = choices.findIndex((each) => each.isAlways && each.isRefusal === choice.isRefusal);
  return always === -1 ? "the agent offers no permanent choice" : { index: always };
}
