import type { SessionView } from "@agent-orchestrator/core/model/session-view";
import { signal } from "@preact/signals";
import { go } from "../router.ts";
import { pathOfSession } from "../routes.ts";
import { answer, DOINGS } from "../session/actions.ts";
import { dialog, openDialog } from "../state/dialogs.ts";
import { complain } from "../state/toasts.ts";
import { type KeyAct, keyAct } from "./keys.ts";
import { isAnswerable } from "./steps.ts";

/** The session that keys are about. */
export const selected = signal<string | null>(null);

export const select = (id: string | null): void => {
  selected.value = id;
};

interface Around {
  /** The sessions that are shown, in their order. */
  views(): SessionView[];
  search(): void;
}

const placeOf = (target: EventTarget | null): "text" | "button" | "page" => {
  if (!(target instanceof Element)) return "page";
  if (target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null) return "text";
  return target.closest("button, a, summary, [type=checkbox]") === null ? "page" : "button";
};

/** Listens until the returned function is called. */
export function listenForKeys(around: Around): () => void {
  const listen = (event: KeyboardEvent) => {
    if (dialog.value !== null || event.defaultPrevented || event.isComposing) return;
    const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
    const act = keyAct({ key: event.key, hasModifier, place: placeOf(event.target) });
    if (act === null) return;
    event.preventDefault();
    doKey(act, around);
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}

function doKey(act: KeyAct, { views, search }: Around): void {
  const all = views();
  const at = all.findIndex(({ id }) => id === selected.value);
  const moveTo = (place: number) => select(all[Math.max(0, Math.min(all.length - 1, place))]?.id ?? null);
  if (act.kind === "move") moveTo(at === -1 ? 0 : at + act.by);
  else if (act.kind === "first") moveTo(0);
  else if (act.kind === "last") moveTo(all.length - 1);
  else if (act.kind === "search") search();
  else if (act.kind === "spawn") openDialog({ kind: "spawn" });
  else if (act.kind === "help") openDialog({ kind: "keys" });
  else {
    const view = all[at];
    if (view === undefined) moveTo(0);
    else doWith(act, view);
  }
}

function doWith(act: KeyAct, view: SessionView): void {
  if (act.kind === "open") go(pathOfSession(view.id));
  else if (act.kind === "changes") go(pathOfSession(view.id, "changes"));
  else if (act.kind === "answer") startAnswer(view);
  else if (act.kind === "merge") DOINGS.merge(view);
  else if (act.kind === "send") DOINGS.send(view);
  else if (act.kind === "choice" && view.question?.choices[act.number - 1] !== undefined && isAnswerable(view)) {
    void answer(view, String(act.number));
  }
}

/** Focuses the first choice, or asks for words. */
function startAnswer(view: SessionView): void {
  const { question, id } = view;
  if (question === null || !isAnswerable(view)) {
    const why = question?.onlyInTerminal ?? null;
    complain(new Error(why === null ? `${id} asks nothing that can be answered here` : `only its terminal: ${why}`));
    return;
  }
  const row = document.getElementById(`session ${id}`);
  const first = row?.querySelector<HTMLElement>(".choices button");
  if (first) {
    first.focus();
    return;
  }
  openDialog({
    ...{ kind: "words", title: `Answer ${id}`, verb: "Answer", isRequired: true },
    ...{ label: "Your answer", text: question.text },
    act: async (words) => void (await answer(view, words, { isText: true })),
  });
}
