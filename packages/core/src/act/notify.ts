import { answerWithin } from "../host/deadline.ts";
import type { Notification } from "../model/action.ts";
import { toAoError } from "../model/errors.ts";
import { EVENT_PRIORITY, type OrchestratorEvent } from "../model/event.ts";
import { openDialog } from "../model/question.ts";
import type { SessionRecord } from "../model/session.ts";
import type { OpenQuestion } from "../model/session-view.ts";
import { toIso } from "../model/time.ts";
import type { Clock, Log } from "../slots/common.ts";
import type { NotifierChannel } from "../slots/session-plugins.ts";

export interface NotifyCall {
  record: SessionRecord;
  notification: Notification;
  key: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** The session as it is when the notification is due. */
  current(): SessionRecord | undefined;
  channels(priority: string): NotifierChannel[];
  /** Rings the bell in every open watch and attached terminal, and returns how many there were. */
  ring(text: string): number;
}

const ANSWER_MS = 10_000;

/** Notifies the user on every channel of the priority, or with the bell if none of them works. Drops what no longer holds. */
export async function notify(call: NotifyCall): Promise<void> {
  const { notification, clock } = call;
  if (notification.settleMs > 0) await clock.sleep(notification.settleMs, call.signal);
  const current = call.current();
  const { whileStatus } = notification;
  if (whileStatus !== null && (current === undefined || !whileStatus.includes(current.status))) return;
  if (current !== undefined && hasMadeWay(notification, current)) return;
  const event = toEvent(call);
  const channels = call.channels(event.priority);
  if (channels.length === 0) return;
  const told = await Promise.all(channels.map((channel) => tellChannel(channel, event, call)));
  if (!told.includes(true)) call.ring(event.message);
}

/** True for what looked briefly like a notice of the program, but is a dialog of the agent. The user is notified of that one. */
function hasMadeWay({ event }: Notification, current: SessionRecord): boolean {
  const asked = event.data.question as Partial<OpenQuestion> | null | undefined;
  const dialog = openDialog(current);
  return asked?.kind === "notice" && dialog !== null && dialog.kind !== "notice" && dialog.id !== asked.dialogId;
}

async function tellChannel(channel: NotifierChannel, event: OrchestratorEvent, call: NotifyCall): Promise<boolean> {
  try {
    const notifier = await channel.notifier();
    const asking = { whom: "it", timeoutMs: ANSWER_MS, clock: call.clock, signal: call.signal };
    await answerWithin((signal) => notifier.notify(event, { signal }), asking);
    return true;
  } catch (error) {
    // The daemon is stopping. The user was not notified, so the next daemon will do it.
    call.signal.throwIfAborted();
    call.log.warn(`notifier ${channel.name}: ${toAoError(error).message}`);
    return false;
  }
}

function toEvent({ record, notification, key, clock }: NotifyCall): OrchestratorEvent {
  const { event } = notification;
  return {
    seq: 0,
    id: key,
    ts: toIso(clock.now()),
    type: event.type,
    priority: event.priority ?? EVENT_PRIORITY[event.type],
    projectId: record.projectId,
    sessionId: record.id,
    message: event.message,
    data: event.data,
  };
}
