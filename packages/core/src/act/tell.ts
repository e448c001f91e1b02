import { compose, type Message } from "../decide/notices/compose.ts";
import { answerWithin } from "../host/deadline.ts";
import type { Action } from "../model/action.ts";
import { toAoError } from "../model/errors.ts";
import type { ToldFact } from "../model/fact.ts";
import { channelName } from "../model/notice.ts";
import type { State } from "../model/state.ts";
import type { Clock, Log } from "../slots/common.ts";
import type { Notifier } from "../slots/notifier.ts";

export interface TellCall {
  state: State;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  notifier(): Promise<Notifier>;
  /** Rings the bell in every open watch and attached terminal, and returns how many there were. */
  ring(text: string): number;
}

const ANSWER_MS = 10_000;

/** Gives a channel one message. If it does not take it, the bell rings, once in each outage, so that somebody at the machine knows. */
export async function tell(call: TellCall, action: Extract<Action, { kind: "tell" }>): Promise<ToldFact[]> {
  const { state, signal } = call;
  const { channel, notices: keys } = action;
  const notices = keys.flatMap((key) => state.notices[key] ?? []);
  const message = compose(notices, state.sessions);
  if (message === null) return [{ kind: "notices-told", channel, keys }];
  try {
    await send(call, message);
    return [{ kind: "notices-told", channel, keys }];
  } catch (error) {
    // The daemon is stopping. The next one tells it.
    signal.throwIfAborted();
    const { code, message: text, hint, details = {} } = toAoError(error);
    call.log.warn(`notifier ${channelName(channel)}: ${text}`);
    const isFirst = (state.channels[channel]?.failures ?? 0) === 0;
    const isUntold = notices.some(({ deliveredAt }) => deliveredAt === null);
    if (isFirst && isUntold) call.ring(message.event.message);
    const failure = { code, message: text, ...(hint === undefined ? {} : { hint }) };
    const retryAfterMs = typeof details.retryAfterMs === "number" ? details.retryAfterMs : 0;
    return [{ kind: "notices-not-told", channel, keys, failure, retryAfterMs, isFinal: details.isFinal === true }];
  }
}

async function send({ notifier, clock, signal }: TellCall, { event, actions }: Message): Promise<void> {
  const channel = await notifier();
  const asking = { whom: "it", timeoutMs: ANSWER_MS, clock, signal };
  await answerWithin(async (limited) => {
    if (channel.notifyWithActions === undefined) return channel.notify(event, { signal: limited });
    await channel.notifyWithActions(event, actions, { signal: limited });
  }, asking);
}
