import type { InboxRow, InboxSession } from "@agent-orchestrator/core/model/inbox";
import type { Key } from "./keys.ts";
import {
  type Act,
  changeOf,
  dropped,
  failed,
  type Model,
  moveTo,
  said,
  selectedRow,
  sessionOf,
  toList,
} from "./model.ts";
import { pressInPrompt } from "./press-prompt.ts";
import { type Reading, scroll } from "./reading.ts";

export interface Pressed {
  model: Model;
  act: Act | null;
  isLeaving: boolean;
}

const PAGE = 5;

/** What these keys do, which one read returned. */
export function press(model: Model, keys: readonly Key[], nowMs: number): Pressed {
  const last = keys.at(-1);
  const isPasted = keys.length > 1 && keys.slice(0, -1).some(({ name }) => name === "enter");
  // A terminal that does not mark what is pasted.
  const typed: readonly Key[] =
    isPasted && last !== undefined ? [{ name: "paste", text: keys.map(textOf).join("") }] : keys;
  let pressed: Pressed = { model, act: null, isLeaving: false };
  for (const [at, key] of typed.entries()) {
    const before = pressed.model.mode;
    const isAlone = typed.length === 1;
    pressed = pressOne(pressed.model, { key, isAlone }, nowMs);
    const isOver = pressed.act !== null || pressed.isLeaving || pressed.model.mode.kind !== before.kind;
    if (!isOver) continue;
    // They were typed before what is shown now.
    const isMore = at < typed.length - 1 && !pressed.isLeaving;
    return isMore ? { ...pressed, model: dropped(pressed.model, nowMs) } : pressed;
  }
  return pressed;
}

const textOf = ({ name, text }: Key): string => (name === "enter" ? "\n" : name === "tab" ? "\t" : text);

function pressOne(model: Model, { key, isAlone }: { key: Key; isAlone: boolean }, nowMs: number): Pressed {
  if (key.name === "leave") return { model, act: null, isLeaving: true };
  if (model.mode.kind === "prompt") return pressInPrompt(model, key, nowMs);
  if (model.mode.kind === "read") return pressInReading(model, model.mode, { key, nowMs });
  if (model.mode.kind === "help") return stay({ ...toList(model, nowMs), armedAtMs: model.armedAtMs });
  const moved = move(model, key);
  if (moved !== null) return stay(moved);
  if (key.name === "paste" || (!isAlone && key.text !== "q")) return stay(dropped(model, nowMs));
  return pressInList(model, key, nowMs);
}

/** It can be answered from there, if it is still what it was. */
function pressInReading(model: Model, reading: Reading, { key, nowMs }: { key: Key; nowMs: number }): Pressed {
  const scrolled = scroll(model, reading, key);
  if (scrolled !== null) return stay(scrolled);
  const list = { ...toList(model, nowMs), armedAtMs: model.armedAtMs };
  if (key.text === "a" && selectedRow(model)?.key === reading.row.key) return pressInList(list, key, nowMs);
  if (key.text === "a") return stay({ ...list, message: said(changeOf(model, reading.row) ?? "It is not selected.") });
  const isBack = key.name === "escape" || key.name === "enter" || key.text === "q" || key.text === "v";
  return stay(isBack ? list : model);
}

const stay = (model: Model): Pressed => ({ model, act: null, isLeaving: false });

function move(model: Model, { name, text }: Key): Model | null {
  const { place, rows } = model;
  if (name === "up" || text === "k") return moveTo(model, place - 1);
  if (name === "down" || text === "j") return moveTo(model, place + 1);
  if (text === "n") return moveTo(model, place + 1 >= rows.length ? 0 : place + 1);
  if (name === "home" || text === "g") return moveTo(model, 0);
  if (name === "end" || text === "G") return moveTo(model, rows.length - 1);
  if (name === "page-up") return moveTo(model, place - PAGE);
  if (name === "page-down") return moveTo(model, place + PAGE);
  if (name === "tab" || name === "right") return moveWithin(model, 1);
  if (name === "left") return moveWithin(model, -1);
  return null;
}

/** To another session of the row. */
function moveWithin(model: Model, by: 1 | -1): Model {
  const row = selectedRow(model);
  if (row === null) return model;
  const at = row.sessions.indexOf(sessionOf(row, model.member));
  const next = row.sessions[(at + by + row.sessions.length) % row.sessions.length];
  return { ...model, member: next?.id ?? null };
}

function pressInList(model: Model, { name, text }: Key, nowMs: number): Pressed {
  const quiet = { ...model, message: null };
  if (text === "q") return { model, act: null, isLeaving: true };
  if (name === "escape") return stay(quiet);
  if (text === "?") return stay({ ...quiet, mode: { kind: "help" } });
  const action = name === "enter" ? "\r" : text;
  const start = STARTS[action];
  if (start === undefined) return stay(model);
  const row = selectedRow(model);
  if (row === null) return stay({ ...model, message: said("Nothing needs you.") });
  if (model.connection !== "connected")
    return stay({ ...model, message: failed("Not connected to the daemon. Wait until it is back.") });
  if (nowMs < model.armedAtMs)
    return stay({ ...model, message: failed("The list has just changed, so nothing was done. Press the key again.") });
  const label = model.busy[row.key];
  if (label !== undefined && action !== "\r") return stay({ ...model, message: said(`Wait: ${label}.`) });
  return start(quiet, { row, session: sessionOf(row, model.member) });
}

interface Target {
  row: InboxRow;
  session: InboxSession;
}
type Start = (model: Model, target: Target) => Pressed;

const doIt = (model: Model, act: Act): Pressed => ({ model, act, isLeaving: false });
const refuse = (model: Model, text: string): Pressed => stay({ ...model, message: failed(text) });

const STARTS: Readonly<Record<string, Start>> = {
  "\r": (model, target) => doIt(model, { kind: "attach", ...target }),
  d: (model, target) => doIt(model, { kind: "diff", ...target }),
  x: (model, target) => doIt(model, { kind: "explain", ...target }),
  a: startAnswer,
  s: (model, target) => prompt(model, { ...target, kind: "send", text: "", note: null }),
  v: (model, { row }) => stay({ ...model, mode: { kind: "read", row, top: 0 } }),
  z: (model, target) => prompt(model, { ...target, kind: "snooze", text: "", note: null }),
  r: (model, target) =>
    target.session.pr === null
      ? refuse(model, `${target.session.id} has no pull request.`)
      : prompt(model, { ...target, kind: "verdict" }),
  m: startMerge,
};

function prompt(model: Model, wanted: Extract<Model["mode"], { kind: "prompt" }>["prompt"]): Pressed {
  return stay({ ...model, mode: { kind: "prompt", prompt: wanted } });
}

function startAnswer(model: Model, { row, session }: Target): Pressed {
  const { question } = row;
  if (question === null) return refuse(model, `${session.id} asks nothing that can be answered here.`);
  if (question.onlyInTerminal !== null)
    return refuse(model, `Only its terminal can answer ${session.id}: ${question.onlyInTerminal}. Press Enter.`);
  return prompt(model, { row, session, kind: "answer", text: "", note: null });
}

function startMerge(model: Model, target: Target): Pressed {
  const { id, pr, branch } = target.session;
  if (pr === null) return refuse(model, `${id} has no pull request.`);
  const question = `Merge PR ${pr.number} of ${id} (branch ${branch}, commit ${pr.headSha.slice(0, 7)})?`;
  return prompt(model, { ...target, kind: "confirm", question, act: { kind: "merge", ...target } });
}
