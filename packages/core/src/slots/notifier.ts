import type { OrchestratorEvent } from "../model/event.ts";
import type { CallOptions } from "./common.ts";

export interface NotifyAction {
  label: string;
  url?: string;
  callbackEndpoint?: string;
}
export interface NotifyContext {
  sessionId?: string;
  projectId?: string;
  threadKey?: string;
}

/** A way to notify the user. Throws if the message cannot have reached them. At-least-once is fine. */
export interface Notifier {
  readonly name?: string;
  notify(event: OrchestratorEvent, options?: CallOptions): Promise<void>;
  notifyWithActions?(event: OrchestratorEvent, actions: NotifyAction[], options?: CallOptions): Promise<void>;
  post?(message: string, context?: NotifyContext, options?: CallOptions): Promise<string | null>;
  /** Why this channel cannot reach anybody now, or null. */
  check?(options?: CallOptions): Promise<{ ok: boolean; text: string; hint?: string }>;
}
