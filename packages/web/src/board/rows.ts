import type { SessionView, StatusGroup } from "@agent-orchestrator/core/model/session-view";
import { GROUPS } from "../words/session-words.ts";
import { isAnswerable, stepsOf } from "./steps.ts";

export type Row =
  | { kind: "head"; group: StatusGroup; count: number; isFolded: boolean; key: string }
  | { kind: "card"; view: SessionView; key: string };

/** On a phone the parts of a card are below one another. */
export type Room = "wide" | "narrow";

const HEAD = 44;
const CARD: Record<Room, number> = { wide: 64, narrow: 102 };
const CHOICES: Record<Room, number> = { wide: 72, narrow: 108 };
const STEPS: Record<Room, number> = { wide: 0, narrow: 44 };

/** The height of a card is known without drawing it, so nothing moves when it is drawn. */
export function heightOf(row: Row, room: Room): number {
  if (row.kind === "head") return HEAD;
  const { view } = row;
  if (isAnswerable(view)) return CARD[room] + CHOICES[room];
  return CARD[room] + (stepsOf(view).length > 0 ? STEPS[room] : 0);
}

/** The groups in the daemon's order, each with the sessions in the daemon's order. */
export function rowsOf(views: readonly SessionView[], folded: ReadonlySet<StatusGroup>): Row[] {
  return GROUPS.flatMap((group): Row[] => {
    const members = views.filter((view) => view.group === group);
    if (members.length === 0) return [];
    const isFolded = folded.has(group);
    const head: Row = { kind: "head", group, count: members.length, isFolded, key: `group ${group}` };
    if (isFolded) return [head];
    return [head, ...members.map((view): Row => ({ kind: "card", view, key: view.id }))];
  });
}
