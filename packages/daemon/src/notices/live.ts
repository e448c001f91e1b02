import { toSessionCard } from "@agent-orchestrator/core/decide/notices/card";
import { takenUpWords } from "@agent-orchestrator/core/decide/notices/taken-up";
import { toAoError } from "@agent-orchestrator/core/model/errors";
import type { ChannelId, Notice } from "@agent-orchestrator/core/model/notice";
import type { SessionRecord } from "@agent-orchestrator/core/model/session";
import type { State } from "@agent-orchestrator/core/model/state";
import type { Notifier } from "@agent-orchestrator/core/slots/notifier";
import type { App } from "../app.ts";
import type { InstanceConfig } from "../config/instance.ts";
import { actorOn, carryOut } from "./carry-out.ts";
import { type Channel, channelsOf } from "./channel-table.ts";
import { oneAtATime } from "./one-at-a-time.ts";

/** How often configs are compared with what is listened to. */
const LOOK_MS = 2_000;
/** A channel that could not be made, or whose listener failed, is tried again after this long, twice as long each time. */
const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 5 * 60_000;
/** A session's card is brought up to date this long after it changed. What changes meanwhile is in it. */
const SETTLE_MS = 1_000;
const CALL_MS = 30_000;

interface Live {
  channel: Channel;
  notifier: Notifier;
  ending: AbortController;
  /** The last card that each session's place was given, as JSON. */
  cards: Map<string, string>;
  changed: Set<string>;
  isBusy: boolean;
}

/**
 * What channels do beside being told: they keep a place for each session up to date, take back what nobody need act on any more,
 * and pass on what people do there. None of it is needed for a notification to arrive, so nothing of it is written down.
 */
export function startLiveChannels(app: App): { stop(): void } {
  const live = new Map<ChannelId, Live>();
  const retries: Retries = new Map();
  const stopping = new AbortController();
  let { notices } = app.engine.state;
  /** What was over before the channels were there. Null: they are. */
  let missed: Notice[] | null = [];
  const unsubscribe = app.engine.onCommit((changed) => {
    const gone = goneSince(notices, app.engine.state);
    notices = app.engine.state.notices;
    if (missed !== null) missed.push(...gone);
    else withdraw(app, live, gone);
    for (const one of live.values()) follow(app, one, changed);
  });
  const look = async () => {
    let known: readonly InstanceConfig[] = [];
    while (!stopping.signal.aborted) {
      const instances = app.configs.all();
      // Instances are immutable, and a changed config is another one.
      const isSame = instances.length === known.length && instances.every((one, index) => one === known[index]);
      const nowMs = app.world.clock.monotonic();
      if (!isSame || [...retries.values()].some(({ atMs }) => atMs <= nowMs))
        await adjust(app, { live, retries }, instances);
      withdraw(app, live, missed ?? []);
      missed = null;
      known = instances;
      await app.world.clock.sleep(LOOK_MS, stopping.signal);
    }
  };
  look().catch((error: unknown) => {
    if (!stopping.signal.aborted) app.world.log.warn(`channels: ${String(error)}`);
  });
  return {
    stop() {
      stopping.abort();
      unsubscribe();
      for (const { ending } of live.values()) ending.abort();
    },
  };
}

/** Channels that could not be made, and when they are tried again. */
type Retries = Map<ChannelId, { atMs: number; waitMs: number }>;

interface Known {
  live: Map<ChannelId, Live>;
  retries: Retries;
}

async function adjust(app: App, { live, retries }: Known, instances: readonly InstanceConfig[]): Promise<void> {
  const wanted = channelsOf(instances);
  for (const id of retries.keys()) if (!wanted.has(id)) retries.delete(id);
  for (const [id, { ending }] of live) {
    if (wanted.has(id)) continue;
    ending.abort();
    live.delete(id);
  }
  for (const [id, channel] of wanted) {
    const retry = retries.get(id);
    const nowMs = app.world.clock.monotonic();
    if (live.has(id) || (retry !== undefined && retry.atMs > nowMs)) continue;
    const notifier = await made(app, channel);
    if (notifier === null) {
      const waitMs = Math.min((retry?.waitMs ?? FIRST_RETRY_MS / 2) * 2, MAX_RETRY_MS);
      retries.set(id, { atMs: nowMs + waitMs, waitMs });
      continue;
    }
    retries.delete(id);
    const one = { channel, notifier, ending: new AbortController(), cards: new Map(), changed: new Set<string>() };
    const begun: Live = { ...one, isBusy: false };
    live.set(id, begun);
    if (notifier.listen !== undefined) void listen(app, begun);
    follow(app, begun, Object.values(app.engine.state.sessions));
  }
}

/** Null if it can't be made. Whoever sends a notification through it is told why. */
async function made(app: App, { instance, choice }: Channel): Promise<Notifier | null> {
  try {
    return oneAtATime(await app.plugins.notifier(instance, choice));
  } catch (error) {
    app.world.log.debug(`channels: ${toAoError(error).message}`);
    return null;
  }
}

async function listen(app: App, { channel, notifier, ending }: Live): Promise<void> {
  const { signal } = ending;
  let waitMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    const since = app.world.clock.monotonic();
    try {
      await notifier.listen?.((action) => carryOut(app, channel.id, action), { signal });
      return;
    } catch (error) {
      if (signal.aborted) return;
      const { message, hint = "" } = toAoError(error);
      app.world.log.warn(app.configs.redact(`notifier ${channel.name} does not listen: ${message} ${hint}`.trim()));
    }
    waitMs = app.world.clock.monotonic() - since > MAX_RETRY_MS ? FIRST_RETRY_MS : Math.min(waitMs * 2, MAX_RETRY_MS);
    await app.world.clock.sleep(waitMs, signal).catch(() => undefined); // it ends
  }
}

function follow(app: App, one: Live, changed: readonly SessionRecord[]): void {
  if (one.notifier.follow === undefined) return;
  for (const { id } of changed) one.changed.add(id);
  if (!one.isBusy && one.changed.size > 0) void bringUpToDate(app, one);
}

async function bringUpToDate(app: App, one: Live): Promise<void> {
  one.isBusy = true;
  const { signal } = one.ending;
  try {
    while (one.changed.size > 0) {
      await app.world.clock.sleep(SETTLE_MS, signal);
      const ids = [...one.changed];
      one.changed.clear();
      for (const id of ids) await showCard(app, one, id);
    }
  } catch (error) {
    if (!signal.aborted) app.world.log.debug(`notifier ${one.channel.name}: ${toAoError(error).message}`);
  } finally {
    one.isBusy = false;
  }
}

async function showCard(app: App, { notifier, ending, cards }: Live, id: string): Promise<void> {
  const record = app.engine.state.sessions[id];
  if (record === undefined) {
    cards.delete(id);
    return;
  }
  const card = toSessionCard(record, app.world.decideContext(record));
  const text = JSON.stringify(card);
  if (cards.get(id) === text) return;
  cards.set(id, text);
  await notifier.follow?.(card, { signal: AbortSignal.any([ending.signal, AbortSignal.timeout(CALL_MS)]) });
}

/** Notices that called for somebody, and do so no more. */
function goneSince(before: State["notices"], { notices }: State): Notice[] {
  if (before === notices) return [];
  const isOver = (notice: Notice | undefined) => notice === undefined || notice.overAt !== undefined;
  return Object.values(before).filter(
    (notice) => notice.attentionSince !== null && !isOver(notice) && isOver(notices[notice.key]),
  );
}

/** Every channel that had them learns why they are over. */
function withdraw(app: App, live: Map<ChannelId, Live>, gone: readonly Notice[]): void {
  if (gone.length === 0) return;
  const { sessions } = app.engine.state;
  for (const { channel, notifier, ending } of live.values()) {
    if (notifier.withdraw === undefined) continue;
    const had = gone.filter(({ channels }) => channels[channel.id] === "delivered");
    if (had.length === 0) continue;
    const withdrawn = had.map((notice) => withdrawnOf(app, notice, sessions[notice.sessionId]));
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(CALL_MS)]);
    notifier.withdraw(withdrawn, { signal }).catch((error: unknown) => {
      app.world.log.debug(`notifier ${channel.name}: ${toAoError(error).message}`);
    });
  }
}

function withdrawnOf(app: App, notice: Notice, record: SessionRecord | undefined) {
  const { key, sessionId } = notice;
  const by = actorOn(app, sessionId);
  const text = takenUpWords(notice, record);
  return { id: key, sessionId, text: by === null ? text : `${text}, by ${by}` };
}
