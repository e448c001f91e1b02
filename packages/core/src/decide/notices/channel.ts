import type { SessionFact } from "../../model/fact.ts";
import { type ChannelId, type ChannelState, channelName, type Notice } from "../../model/notice.ts";
import type { State } from "../../model/state.ts";
import { at, toIso } from "../../model/time.ts";
import { plural } from "../text.ts";
import type { NoticePlan } from "./plan.ts";

export const NEW_CHANNEL: ChannelState = {
  triedAt: null,
  failures: 0,
  failingSince: null,
  failure: null,
  retryAt: null,
  batch: [],
  lost: 0,
  lostAt: null,
};

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 10 * 60_000;
/** A far end that asks for more is asked again anyway. */
const MAX_WISH_MS = 60 * 60_000;

/** How long to wait after this many failures: 1 s, 2 s, 4 s … 10 m, or as long as the far end wants. */
export const backOffMs = (failures: number, wishMs: number): number =>
  Math.max(Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS), Math.min(wishMs, MAX_WISH_MS));

/** The channel works again: what waits is sent at once, and what it lost is no longer told. */
export function withoutOutage(state: State, id: ChannelId): State {
  const known = state.channels[id];
  if (known === undefined) return state;
  const fresh = { ...NEW_CHANNEL, triedAt: known.triedAt, batch: known.batch };
  return { ...state, channels: { ...state.channels, [id]: fresh } };
}

/** The outcome of a try. */
export function applyResult(plan: NoticePlan, fact: SessionFact, nowMs: number): void {
  if (fact.kind === "notices-told") delivered(plan, fact, nowMs);
  if (fact.kind === "notices-not-told") failed(plan, fact, nowMs);
}

type Told = Extract<SessionFact, { kind: "notices-told" }>;
type NotTold = Extract<SessionFact, { kind: "notices-not-told" }>;

function delivered(plan: NoticePlan, { channel, keys }: Told, nowMs: number): void {
  const now = toIso(nowMs);
  const told = mark(plan, { channel, keys, as: "delivered" });
  for (const { key, deliveredAt } of told) {
    const notice = plan.notices[key];
    if (notice !== undefined && deliveredAt === null) plan.notices[key] = { ...notice, deliveredAt: now };
  }
  const before = plan.channels[channel] ?? NEW_CHANNEL;
  const { lost, lostAt } = before;
  plan.channels[channel] = { ...NEW_CHANNEL, triedAt: before.triedAt, lost, lostAt };
  if (told.length === 0) return;
  const of = told.length === 1 ? (told[0]?.event.message ?? "") : plural(told.length, "notification", "notifications");
  plan.events.push({
    type: "notify.delivered",
    message: `${channelName(channel)} has: ${of}`,
    data: { channel: channelName(channel), sessions: sessionsOf(told), notifications: keys },
  });
}

function failed(plan: NoticePlan, fact: NotTold, nowMs: number): void {
  const { channel, keys, failure, retryAfterMs, isFinal } = fact;
  const before = plan.channels[channel] ?? NEW_CHANNEL;
  const failures = before.failures + 1;
  plan.channels[channel] = {
    ...before,
    failures,
    failure: { ...failure },
    failingSince: before.failingSince ?? toIso(nowMs),
    retryAt: toIso(nowMs + backOffMs(failures, retryAfterMs)),
  };
  if (isFinal) giveUp(plan, channel, { keys, nowMs, why: failure.message });
}

/** These will never arrive there. */
export function giveUp(
  plan: NoticePlan,
  channel: ChannelId,
  { keys, nowMs, why }: { keys: readonly string[]; nowMs: number; why: string },
): void {
  const lost = mark(plan, { channel, keys, as: "failed" });
  const before = plan.channels[channel] ?? NEW_CHANNEL;
  const batch = before.batch.filter((key) => !keys.includes(key));
  plan.channels[channel] = { ...before, batch, lost: before.lost + lost.length, lostAt: toIso(nowMs) };
  for (const { key, sessionId, event } of lost) {
    plan.events.push({
      type: "notify.failed",
      message: `${channelName(channel)} never had: ${event.message} (${why})`,
      data: { channel: channelName(channel), sessions: [sessionId], notifications: [key], why },
    });
  }
}

function mark(
  plan: NoticePlan,
  what: { channel: ChannelId; keys: readonly string[]; as: "delivered" | "failed" },
): Notice[] {
  const { channel, keys, as } = what;
  return keys.flatMap((key) => {
    const notice = plan.notices[key];
    if (notice?.channels[channel] !== "waiting") return [];
    plan.notices[key] = { ...notice, channels: { ...notice.channels, [channel]: as } };
    return [notice];
  });
}

const sessionsOf = (notices: readonly Notice[]): string[] => [...new Set(notices.map(({ sessionId }) => sessionId))];

/** How long a channel has had nothing, for a notice that is due since then. */
export const failingForMs = ({ failingSince }: ChannelState, notice: Notice, nowMs: number): number =>
  failingSince === null ? 0 : nowMs - Math.max(at(failingSince), at(notice.createdAt));
