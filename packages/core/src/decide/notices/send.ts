import { type ChannelId, type ChannelState, channelName, type Notice } from "../../model/notice.ts";
import type { State } from "../../model/state.ts";
import { at, toIso } from "../../model/time.ts";
import { failingForMs, giveUp, NEW_CHANNEL } from "./channel.ts";
import type { NoticeContext, NoticePlan } from "./plan.ts";
import { quietUntil } from "./quiet.ts";
import { isOver } from "./taken-up.ts";

/** A channel gets at most one message in this time. What comes meanwhile comes together. */
const GAP_MS = 1_000;
/** In one message. The rest follows in the next one. */
const MAX_TOGETHER = 40;
/** Of their facts, as JSON: channels take no more than 64 KiB. */
const MAX_BYTES = 56 << 10;
const GIVE_UP_MS = 24 * 60 * 60_000;

interface Around {
  state: State;
  ctx: NoticeContext;
}

/** One message for each channel that may have one now: the last one again if it may not have arrived, else all that waits. */
export function planChannels(plan: NoticePlan, around: Around): void {
  for (const notice of Object.values(plan.notices)) reroute(plan, notice, around);
  const ids = new Set(Object.values(plan.notices).flatMap(({ channels }) => Object.keys(channels)));
  for (const id of ids) planChannel(plan, id, around);
  for (const id of Object.keys(plan.channels)) if (!ids.has(id)) forgetIfOld(plan, id, around.ctx.nowMs);
}

const tellKey = (channel: ChannelId): string => `tell:${channel}`;

function planChannel(plan: NoticePlan, channel: ChannelId, { state, ctx }: Around): void {
  const { nowMs } = ctx;
  if (tellKey(channel) in state.intents) return;
  expire(plan, channel, nowMs);
  const known = plan.channels[channel] ?? NEW_CHANNEL;
  const ready = waitingFor(plan, channel, { state, ctx });
  if (ready.length === 0) return;
  const again = ready.filter(({ key }) => known.batch.includes(key));
  const notBefore = Math.max(
    known.retryAt === null ? 0 : at(known.retryAt),
    known.triedAt === null ? 0 : at(known.triedAt) + GAP_MS,
  );
  if (notBefore > nowMs) {
    plan.wakes.push(notBefore);
    return;
  }
  const keys = (again.length > 0 ? again : together(ready)).map(({ key }) => key);
  plan.channels[channel] = { ...known, triedAt: toIso(nowMs), batch: keys };
  plan.actions.push({ kind: "tell", key: tellKey(channel), channel, notices: keys });
}

/** Oldest first. What is held, or need not be told any more, is not among them. */
function waitingFor(plan: NoticePlan, channel: ChannelId, { state, ctx }: Around): Notice[] {
  const { batch } = plan.channels[channel] ?? NEW_CHANNEL;
  return Object.values(plan.notices).filter((notice) => {
    if (notice.channels[channel] !== "waiting") return false;
    if (batch.includes(notice.key)) return true;
    const record = state.sessions[notice.sessionId];
    if (isOver(notice, record)) {
      drop(plan, notice, channel);
      return false;
    }
    const quiet = record === undefined ? null : (ctx.policy(record)?.quiet ?? null);
    const heldUntil = quietUntil(quiet, notice.event.priority, ctx.nowMs);
    if (heldUntil === null) return true;
    plan.wakes.push(heldUntil);
    return false;
  });
}

/** As if it had never been for this channel. */
function drop(plan: NoticePlan, { key }: Notice, channel: ChannelId): void {
  const notice = plan.notices[key];
  if (notice === undefined) return;
  const { [channel]: _, ...channels } = notice.channels;
  plan.notices[key] = { ...notice, channels };
}

function together(notices: readonly Notice[]): Notice[] {
  const taken: Notice[] = [];
  let bytes = 0;
  for (const notice of notices) {
    bytes += Buffer.byteLength(JSON.stringify(notice.event)) + 500;
    if (taken.length === MAX_TOGETHER || (taken.length > 0 && bytes > MAX_BYTES)) break;
    taken.push(notice);
  }
  return taken;
}

function expire(plan: NoticePlan, channel: ChannelId, nowMs: number): void {
  const known = plan.channels[channel];
  if (known === undefined || known.failingSince === null) return;
  const waiting = Object.values(plan.notices).filter(({ channels }) => channels[channel] === "waiting");
  const old = waiting.filter((notice) => failingForMs(known, notice, nowMs) >= GIVE_UP_MS);
  const why = known.failure?.message ?? "it did not answer";
  if (old.length > 0) giveUp(plan, channel, { keys: old.map(({ key }) => key), nowMs, why: `for a day: ${why}` });
}

/** What a channel did is of interest for a day. */
function forgetIfOld(plan: NoticePlan, id: ChannelId, nowMs: number): void {
  const { failingSince, lostAt, triedAt } = plan.channels[id] as ChannelState;
  const last = Math.max(...[failingSince, lostAt, triedAt].map((when) => (when === null ? 0 : at(when))));
  if (nowMs - last > GIVE_UP_MS) delete plan.channels[id];
}

/** A changed config has another channel of this name, or none. */
function reroute(plan: NoticePlan, notice: Notice, { state, ctx }: Around): void {
  const waiting = Object.keys(notice.channels).filter((id) => notice.channels[id] === "waiting");
  const record = state.sessions[notice.sessionId];
  const policy = waiting.length === 0 || record === undefined ? null : ctx.policy(record);
  if (policy === null) return;
  const known = [
    ...Object.values(policy.channels).flat(),
    ...policy.reminders.flatMap(({ channels }) => channels ?? []),
  ];
  for (const id of waiting.filter((one) => !known.includes(one))) {
    const heir = known.find((one) => channelName(one) === channelName(id));
    if (heir === undefined) {
      giveUp(plan, id, { keys: [notice.key], nowMs: ctx.nowMs, why: "no config routes anything to it any more" });
      continue;
    }
    drop(plan, notice, id);
    const present = plan.notices[notice.key];
    if (present === undefined || heir in present.channels) continue;
    plan.notices[notice.key] = { ...present, channels: { ...present.channels, [heir]: "waiting" } };
  }
}
