import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Activity } from "@agent-orchestrator/core/model/activity";
import { eventOf } from "../server/listening.ts";
import { type Happening, nothingSeen, type Seen, take } from "../server/seen.ts";
import type { ServerEvent } from "../server/wire.ts";
import { weigh } from "../weigh.ts";

export const RECORDED = "opencode-1.18.33";

export const fixture = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../fixtures/${RECORDED}/${name}`, import.meta.url)), "utf8");

export const screenOf = (name: string): string[] => fixture(`${name}.txt`).split("\n");

interface Recorded {
  event: ServerEvent;
  atMs: number;
}

export function eventsOf(name: string): Recorded[] {
  return fixture(`${name}.sse`)
    .split("\n")
    .flatMap((line) => {
      const event = eventOf(line);
      return event === null ? [] : [{ event, atMs: timeOf(line) }];
    });
}

/** An event's id contains its time: the lowest 48 bits of milliseconds × 4096. All of these are from the same months. */
function timeOf(line: string): number {
  const bits = BigInt(`0x${/"id":"evt_([0-9a-f]{12})/.exec(line)?.[1] ?? "0"}`);
  const epoch = (BigInt(Date.UTC(2026, 10, 26)) * 4096n) >> 48n;
  return Number(((epoch << 48n) + bits) / 4096n);
}

const TOOK = "it took a message";

export interface Replayed {
  seen: Seen;
  happenings: Happening[];
  /** What was reported, without what differs only because of the time. */
  told: Activity[];
}

/** Plays recorded events at their own times. The first conversation that was started is ours. */
export function replay(name: string): Replayed {
  const events = eventsOf(name);
  const first = events.map(({ event }) => event).find((event) => event.type === "session.created");
  if (first === undefined) throw new Error(`${name} has no conversation`);
  const seen = nothingSeen(first.properties.info.id, events[0]?.atMs ?? 0);
  const happenings: Happening[] = [];
  const told: Activity[] = [];
  for (const { event, atMs: now } of events) {
    happenings.push(...take(seen, event, now));
    const activity = weigh({ now, seen, server: { isHeard: true }, screen: null, promptDueUntil: null });
    if (activity !== null && isNews(told.at(-1), activity)) told.push(activity);
  }
  return { seen, happenings, told };
}

function isNews(before: Activity | undefined, { state, evidence, dialog }: Activity): boolean {
  // From the message to the turn it is the same state for another reason.
  if (before?.state === "active" && before.evidence === TOOK && evidence === "session.status busy") return false;
  return before?.state !== state || before.evidence !== evidence || before.dialog?.id !== dialog?.id;
}
