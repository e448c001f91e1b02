import type { OrchestratorEvent } from "../model/event.ts";
import type { NotifyAction } from "../model/notification.ts";
import type { SessionCard } from "../model/session-card.ts";
import type { CallOptions } from "./common.ts";

export type { NotifyAction };

export interface NotifyContext {
  sessionId?: string;
  projectId?: string;
  threadKey?: string;
}

/** Each is allowed by itself. `send` are words for the agent. */
export type ActionRight = "answer" | "approve" | "merge" | "restore" | "send" | "open";

/** What somebody did on a channel. The notifier has made sure who it was. */
export interface ChannelAction {
  /** The same if the channel delivers the same click or reply again: it acts once. At most 200 characters. */
  id: string;
  /** The pressed button's `callbackEndpoint`. Null: words for the agent of a session. */
  endpoint: string | null;
  /** Where the words belong. Null with an endpoint. */
  sessionId: string | null;
  /** The words, as written. Null with an endpoint. */
  text: string | null;
  /** Who, for people and the log: `slack:U012AB (Ann)`. */
  by: string;
  /** What the config lets this person do. */
  may: readonly ActionRight[];
}

export interface ActionOutcome {
  /** False: nothing was done, and `text` says why and what has changed. */
  isDone: boolean;
  /** One line: `app-3: answered "No, use a copy"`. */
  text: string;
}

/** Why a notification needs nobody any more. */
export interface Withdrawn {
  /** The event's id. */
  id: string;
  sessionId: string | null;
  /** One line: `app-3 was answered`. */
  text: string;
}

/**
 * A way to notify the user. Throws if the message cannot have reached them: it is sent again, under the same id, until it arrives or a
 * day has passed. `details.retryAfterMs` of the error says when at the earliest, `details.isFinal: true` that this one will never
 * arrive. At-least-once is fine. Calls of one notifier come one after another, those of `withdraw` and `follow` too.
 */
export interface Notifier {
  readonly name?: string;
  /** Several notifications at once are one event, with `data.notices` (`NoticeOfSeveral`). */
  notify(event: OrchestratorEvent, options?: CallOptions): Promise<void>;
  /** Instead of `notify`, where there is something to press. */
  notifyWithActions?(event: OrchestratorEvent, actions: NotifyAction[], options?: CallOptions): Promise<void>;
  post?(message: string, context?: NotifyContext, options?: CallOptions): Promise<string | null>;
  /** What `notify` sends of this event, in the far end's own form and without secrets, for `ao notify test`. Sends nothing. */
  preview?(event: OrchestratorEvent): string;
  /** Why this channel cannot reach anybody now, or null. */
  check?(options?: CallOptions): Promise<{ ok: boolean; text: string; hint?: string }>;
  /** These were taken up elsewhere, or are over: their buttons and reminders go. Tried once. */
  withdraw?(notices: readonly Withdrawn[], options?: CallOptions): Promise<void>;
  /** A session that this channel was told of looks different now. The last card counts. */
  follow?(card: SessionCard, options?: CallOptions): Promise<void>;
  /** Passes on what people do on this channel, until the signal aborts. Throws if it can't go on. It is then called again later. */
  listen?(act: (action: ChannelAction) => Promise<ActionOutcome>, options: { signal: AbortSignal }): Promise<void>;
}
