import type { InboxRow, InboxSession } from "@agent-orchestrator/core/model/inbox";
import type { InboxMeta } from "@agent-orchestrator/core/protocol/results";
import type { Reading } from "./reading.ts";

interface About {
  /** As it was on the screen when the key was pressed. */
  row: InboxRow;
  session: InboxSession;
}

/** Needs all of the terminal. */
export type Visit = About & { kind: "attach" | "diff" | "explain" };

/** Can be done without leaving the screen. */
export type QuietAct = About &
  (
    | { kind: "answer"; words: string; isText: boolean }
    | { kind: "merge" }
    | { kind: "review"; state: Verdict; body: string }
    | { kind: "send"; text: string }
    | { kind: "snooze"; period: string }
  );

export type Act = Visit | QuietAct;

export const isVisit = (act: Act): act is Visit =>
  act.kind === "attach" || act.kind === "diff" || act.kind === "explain";

export type Verdict = "approved" | "changes_requested" | "commented";

/** What is asked below a row. */
export type Prompt = About &
  (
    | { kind: "answer" | "send" | "snooze"; text: string; note: string | null }
    | { kind: "review"; text: string; note: string | null; state: Exclude<Verdict, "approved"> }
    | { kind: "verdict" }
    | { kind: "confirm"; question: string; act: QuietAct }
  );

export interface Model {
  /** What waits, and what is snoozed. */
  rows: readonly InboxRow[];
  snoozed: readonly InboxRow[];
  meta: InboxMeta | null;
  /** The key of the selected row, where it is, and which of its sessions. */
  selected: string | null;
  place: number;
  member: string | null;
  mode: { kind: "list" } | { kind: "help" } | { kind: "prompt"; prompt: Prompt } | Reading;
  message: { text: string; isError: boolean } | null;
  /** What is being done to a row, by its key. */
  busy: Readonly<Record<string, string>>;
  /** `lost`: it was there, and is not now. */
  connection: "none" | "connected" | "lost";
  /** Keys that act count from then on. */
  armedAtMs: number;
  /** Of the terminal. */
  size: { columns: number; rows: number };
}

export const EMPTY: Model = {
  rows: [],
  snoozed: [],
  meta: null,
  selected: null,
  place: 0,
  member: null,
  mode: { kind: "list" },
  message: null,
  busy: {},
  connection: "none",
  armedAtMs: 0,
  size: { columns: 80, rows: 24 },
};

/** Nobody reads a row that has just come to the selected place and presses a key for it within this time. */
const UNREAD_MS = 700;
/** After a prompt is closed, or keys were dropped: what still comes was typed for that. */
const SETTLE_MS = 150;

export const selectedRow = ({ rows, selected }: Model): InboxRow | null =>
  rows.find(({ key }) => key === selected) ?? null;

/** The session of a row that keys are about. */
export function sessionOf(row: InboxRow, member: string | null): InboxSession {
  const session = row.sessions.find(({ id }) => id === member) ?? row.sessions[0];
  if (session === undefined) throw new Error("a row without sessions");
  return session;
}

/** New rows from the daemon. The selection stays with its row. If that is gone, keys that act have to wait. */
export function withRows(model: Model, wanted: { rows: readonly InboxRow[]; meta: InboxMeta }, nowMs: number): Model {
  const rows = wanted.rows.filter(({ snoozedUntil }) => snoozedUntil === null);
  const snoozed = wanted.rows.filter(({ snoozedUntil }) => snoozedUntil !== null);
  const back = model.connection === "lost" ? { message: said("Reconnected to the daemon.") } : {};
  const next: Model = { ...model, rows, snoozed, meta: wanted.meta, connection: "connected", ...back };
  const place = rows.findIndex(({ key }) => key === model.selected);
  if (place !== -1) return noteChange({ ...next, place, ...heldMember(model, rows[place], nowMs) });
  const row = rows[Math.min(model.place, rows.length - 1)];
  const moved: Model = {
    ...next,
    selected: row?.key ?? null,
    member: null,
    place: Math.max(0, rows.indexOf(row as never)),
  };
  const isSame = moved.selected === model.selected;
  return noteChange(isSame ? moved : { ...moved, armedAtMs: nowMs + UNREAD_MS });
}

/** Keys stay with the session of a row that they were about. If that has left the row, keys that act have to wait. */
function heldMember(model: Model, now: InboxRow | undefined, nowMs: number): Partial<Model> {
  const before = selectedRow(model);
  if (before === null || now === undefined) return {};
  const { id } = sessionOf(before, model.member);
  if (sessionOf(now, model.member).id === id) return {};
  if (now.sessions.some((session) => session.id === id)) return { member: id };
  return { member: null, armedAtMs: nowMs + UNREAD_MS };
}

/** A prompt stays open about what was shown. It says so if that has changed. */
function noteChange(model: Model): Model {
  if (model.mode.kind !== "prompt") return model;
  const { prompt } = model.mode;
  if (prompt.kind === "verdict" || prompt.kind === "confirm") return model;
  const note = prompt.kind === "answer" ? changeOf(model, prompt.row) : null;
  return { ...model, mode: { kind: "prompt", prompt: { ...prompt, note: note ?? prompt.note } } };
}

/** What has changed for the sessions of a row that was shown. Null: nothing. */
export function changeOf(model: Model, shown: InboxRow): string | null {
  const lines = shown.sessions.flatMap(({ id, cause }) => {
    const row = rowOf(model, id);
    const now = row?.sessions.find((session) => session.id === id);
    if (now?.cause === cause) return [];
    return [row === null ? `${id} does not need you any more` : `${id} ${row.reason}`];
  });
  return lines.length === 0 ? null : `Changed meanwhile: ${lines.join("; ")}`;
}

const rowOf = ({ rows, snoozed }: Model, id: string): InboxRow | null =>
  [...rows, ...snoozed].find(({ sessions }) => sessions.some((session) => session.id === id)) ?? null;

export const said = (text: string): Model["message"] => ({ text, isError: false });
export const failed = (text: string): Model["message"] => ({ text, isError: true });

export const toList = (model: Model, nowMs: number): Model => ({
  ...model,
  mode: { kind: "list" },
  armedAtMs: Math.max(model.armedAtMs, nowMs + SETTLE_MS),
});

/** Selects a row by its place. */
export function moveTo(model: Model, place: number): Model {
  const at = Math.min(Math.max(0, place), model.rows.length - 1);
  const row = model.rows[at];
  return row === undefined ? model : { ...model, selected: row.key, place: at, member: null, message: null };
}

/** Something begins to be done to this row. The user goes on with the next one. */
export function begin(model: Model, key: string, label: string): Model {
  const busy = { ...model.busy, [key]: label };
  const next = model.rows.find((row, at) => at > model.place && busy[row.key] === undefined);
  const isSelected = model.selected === key;
  const moved = isSelected && next !== undefined ? moveTo(model, model.rows.indexOf(next)) : model;
  return { ...moved, busy };
}

/** What could not be done is selected again, because the next key is likely to be about it. */
export function finish(model: Model, key: string, { message, nowMs }: Finished): Model {
  const { [key]: _, ...busy } = model.busy;
  const done = { ...model, busy, message };
  const place = model.rows.findIndex((row) => row.key === key);
  if (message?.isError !== true || place === -1 || model.mode.kind !== "list" || model.selected === key) return done;
  return { ...moveTo(done, place), message, armedAtMs: nowMs + UNREAD_MS };
}

interface Finished {
  message: Model["message"];
  nowMs: number;
}

export const dropped = (model: Model, nowMs: number): Model => ({
  ...model,
  message: said("Ignored what was pasted or typed ahead."),
  armedAtMs: Math.max(model.armedAtMs, nowMs + SETTLE_MS),
});
