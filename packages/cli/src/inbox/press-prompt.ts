import type { Key } from "./keys.ts";
import { type Model, type Prompt, type QuietAct, said, toList } from "./model.ts";
import type { Pressed } from "./press.ts";

type TextPrompt = Extract<Prompt, { text: string }>;

const stay = (model: Model): Pressed => ({ model, act: null, isLeaving: false });
const show = (model: Model, prompt: Prompt): Pressed => stay({ ...model, mode: { kind: "prompt", prompt } });
const cancel = (model: Model, nowMs: number): Pressed =>
  stay({ ...toList(model, nowMs), message: said("Nothing was done.") });

/** A key while something is asked. It is about the row that was shown when the prompt was opened. */
export function pressInPrompt(model: Model, key: Key, nowMs: number): Pressed {
  if (model.mode.kind !== "prompt") return stay(model);
  const { prompt } = model.mode;
  if (key.name === "escape") return cancel(model, nowMs);
  if (prompt.kind === "confirm") return confirmed(model, { prompt, key }, nowMs);
  if (prompt.kind === "verdict") return verdict(model, { prompt, key }, nowMs);
  if (key.name === "enter") return submit(model, prompt, nowMs);
  const text = edited(prompt.text, key);
  return text === null ? stay(model) : show(model, { ...prompt, text, note: null });
}

function edited(text: string, key: Key): string | null {
  switch (key.name) {
    case "char":
      return text + key.text;
    case "paste":
      return text + key.text.replace(/[\r\n\t]+/g, " ");
    case "backspace":
      return [...text].slice(0, -1).join("");
    case "erase-line":
      return "";
    case "erase-word":
      return text.replace(/\S*\s*$/, "");
    default:
      return null;
  }
}

type Asked<K extends Prompt["kind"]> = { prompt: Extract<Prompt, { kind: K }>; key: Key };

function confirmed(model: Model, { prompt, key }: Asked<"confirm">, nowMs: number): Pressed {
  if (key.name === "char" && /^[yY]$/.test(key.text)) {
    // What was typed before the question was shown is no answer to it.
    return nowMs < model.armedAtMs ? stay(model) : act(model, prompt.act, nowMs);
  }
  return key.name === "enter" || /^[nNq]$/.test(key.text) ? cancel(model, nowMs) : stay(model);
}

/** Asks once, and takes no answer that was typed ahead. */
const ask = (model: Model, wanted: { act: QuietAct; question: string }, nowMs: number): Pressed => {
  const { row, session } = wanted.act;
  const settled = { ...model, armedAtMs: Math.max(model.armedAtMs, nowMs + 150) };
  return show(settled, { row, session, kind: "confirm", ...wanted });
};

const act = (model: Model, wanted: QuietAct, nowMs: number): Pressed => ({
  model: toList(model, nowMs),
  act: wanted,
  isLeaving: false,
});

function verdict(model: Model, { prompt, key }: Asked<"verdict">, nowMs: number): Pressed {
  const { row, session } = prompt;
  if (key.text === "a") {
    const { pr, id } = session;
    const question = `Approve PR ${pr?.number} of ${id} at commit ${pr?.headSha.slice(0, 7)}?`;
    return ask(model, { act: { row, session, kind: "review", state: "approved", body: "" }, question }, nowMs);
  }
  const state = key.text === "c" ? "changes_requested" : key.text === "o" ? "commented" : null;
  if (state !== null) return show(model, { row, session, kind: "review", text: "", note: null, state });
  return key.text === "q" || key.name === "enter" ? cancel(model, nowMs) : stay(model);
}

function submit(model: Model, prompt: TextPrompt, nowMs: number): Pressed {
  const { row, session } = prompt;
  const text = prompt.text.trim();
  if (prompt.kind === "snooze") return act(model, { row, session, kind: "snooze", period: text || "1h" }, nowMs);
  if (text === "") return show(model, { ...prompt, note: "Type something, or press Escape." });
  if (prompt.kind === "send") return act(model, { row, session, kind: "send", text }, nowMs);
  if (prompt.kind === "review")
    return act(model, { row, session, kind: "review", state: prompt.state, body: text }, nowMs);
  return answer(model, { prompt, text }, nowMs);
}

/** A number, a label, or the user's own words. Several sessions, and a text where a choice is wanted, are asked about. */
function answer(model: Model, { prompt, text }: { prompt: TextPrompt; text: string }, nowMs: number): Pressed {
  const { row, session } = prompt;
  const { question } = row;
  if (question === null) return cancel(model, nowMs);
  const { choices, takesText } = question;
  const at = placeOf(choices, text);
  const choice = at === null ? undefined : choices[at];
  const isNumber = /^\d{1,3}$/.test(text);
  if (choice === undefined && (isNumber || !takesText)) {
    const note = choices.length === 0 ? "It takes no number." : `Type a number from 1 to ${choices.length}.`;
    return show(model, { ...prompt, note });
  }
  const isText = choice === undefined;
  const wanted: QuietAct = { row, session, kind: "answer", words: isText ? text : String((at ?? 0) + 1), isText };
  const said = isText ? `your text “${text}”` : `“${choice}”`;
  const ids = row.sessions.map(({ id }) => id).join(", ");
  if (row.sessions.length > 1)
    return ask(model, { act: wanted, question: `Answer ${said} to ${row.sessions.length} sessions: ${ids}?` }, nowMs);
  // A text means no.
  if (isText && question.kind === "permission")
    return ask(model, { act: wanted, question: `That is none of the choices. Refuse, with ${said}?` }, nowMs);
  return act(model, wanted, nowMs);
}

/** Of a number or a whole label. */
function placeOf(choices: readonly string[], text: string): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text) - 1;
  const at = choices.findIndex((choice) => choice.trim().toLowerCase() === text.toLowerCase());
  return at === -1 ? null : at;
}
