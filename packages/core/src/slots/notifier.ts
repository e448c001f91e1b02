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

/** The way to the human. Throws when the message cannot have reached them; at-least-once is fine. */
export interface Notifier {
  readonly name?: string;
  notify(event: OrchestratorEvent, options?: CallOptions): Promise<void>;
  notifyWithActions?(event: OrchestratorEvent, actions: NotifyAction[], options?: CallOptions): Promise<void>;
  post?(message: string, context?: NotifyContext): Promise<string | null>;
  /** null: fine. Otherwise why this channel cannot reach anybody now. */
  check?(): Promise<{ ok: boolean; text: string; hint?: string }>;
}
