import { answerWithin } from "../host/deadline.ts";
import type { Action } from "../model/action.ts";
import { toAoError } from "../model/errors.ts";
import type { OrchestratorEvent } from "../model/event.ts";
import type { ToldFact } from "../model/fact.ts";
import { channelName } from "../model/notice.ts";
import type { NotifyAction } from "../model/notification.ts";
import type { Clock, Log } from "../slots/common.ts";
import type { Notifier } from "../slots/notifier.ts";

export interface TellCall {
  /** Null: there is nothing left to tell. */
  message: { event: OrchestratorEvent; actions: NotifyAction[] } | null;
  /** Nobody has it yet, and the channel took the last one: somebody at the machine should know. */
  isBellDue: boolean;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  notifier(): Promise<Notifier>;
  /** Rings the bell in every open watch and attached terminal, and returns how many there were. */
  ring(text: string): number;
}

const ANSWER_MS = 10_000;

/** Gives a channel one message. If it does not take it, the bell rings, once in each outage. */
export async function tell(call: TellCall, action: Extract<Action, { kind: "tell" }>): Promise<ToldFact[]> {
  const { message, signal } = call;
  const { channel, notices: keys } = action;
  if (message === null) return [{ kind: "notices-told", channel, keys }];
  try {
    await send(call, message);
    return [{ kind: "notices-told", channel, keys }];
  } catch (error) {
    // The daemon is stopping. The next one tells it.
    signal.throwIfAborted();
    const { code, message: text, hint, details = {} } = toAoError(error);
    call.log.warn(`notifier ${channelName(channel)}: ${text}`);
    if (call.isBellDue) call.ring(message.event.message);
    const failure = { code, message: text, ...(hint === undefined ? {} : { hint }) };
    const retryAfterMs = typeof details.retryAfterMs === "number" ? details.retryAfterMs : 0;
    return [{ kind: "notices-not-told", channel, keys, failure, retryAfterMs, isFinal: details.isFinal === true }];
  }
}

async function send(
  { notifier, clock, signal }: TellCall,
  { event, actions }: NonNullable<TellCall["message"]>,
): Promise<void> {
  const channel = await notifier();
  const asking = { whom: "it", timeoutMs: ANSWER_MS, clock, signal };
  await answerWithin(async (limited) => {
    if (channel.notifyWithActions === undefined) return channel.notify(event, { signal: limited });
    await channel.notifyWithActions(event, actions, { signal: limited });
  }, asking);
}
