import type { SessionView, StatusGroup } from "@agent-orchestrator/core/model/session-view";
import { GROUPS } from "../words/session-words.ts";
import { isAnswerable, stepsOf } from "./steps.ts";

export type Row =
  | { kind: "head"; group: StatusGroup; count: number; key: string }
  | { kind: "card"; view: SessionView; key: string };

export interface Placed {
  row: Row;
  top: number;
  height: number;
}

/** On a phone the parts of a card are below one another. */
export type Room = "wide" | "narrow";

const HEAD = 44;
const CARD: Record<Room, number> = { wide: 64, narrow: 102 };
const CHOICES: Record<Room, number> = { wide: 72, narrow: 108 };
const STEPS: Record<Room, number> = { wide: 0, narrow: 44 };

/** The height of a card is known without drawing it, so nothing moves when it is drawn. */
export function heightOf(view: SessionView, room: Room): number {
  if (isAnswerable(view)) return CARD[room] + CHOICES[room];
  return CARD[room] + (stepsOf(view).length > 0 ? STEPS[room] : 0);
}

/** The groups in the daemon's order, each with the sessions in the daemon's order. */
export function rowsOf(views: readonly SessionView[], folded: ReadonlySet<StatusGroup>): Row[] {
  return GROUPS.flatMap((group): Row[] => {
    const members = views.filter((view) => view.group === group);
    if (members.length === 0) return [];
    const head: Row = { kind: "head", group, count: members.length, key: `group ${group}` };
    if (folded.has(group)) return [head];
    return [head, ...members.map((view): Row => ({ kind: "card", view, key: view.id }))];
  });
}

export function place(rows: readonly Row[], room: Room): { placed: Placed[]; height: number } {
  let top = 0;
  const placed = rows.map((row) => {
    const height = row.kind === "head" ? HEAD : heightOf(row.view, room);
    const at = { row, top, height };
    top += height;
    return at;
  });
  return { placed, height: top };
}

/** Those that are seen, and a few around them. */
export function visible(placed: readonly Placed[], { top, height }: { top: number; height: number }): Placed[] {
  const margin = 400;
  const first = firstBelow(placed, top - margin);
  const found: Placed[] = [];
  for (let at = first; at < placed.length; at += 1) {
    const each = placed[at];
    if (each === undefined || each.top > top + height + margin) break;
    found.push(each);
  }
  return found;
}

function firstBelow(placed: readonly Placed[], y: number): number {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const each = placed[middle];
    if (each !== undefined && each.top + each.height < y) low = middle + 1;
    else high = middle;
  }
  return low;
}
