import type { Notice } from "./wording.ts";

/** One desktop's way to show a notice. */
export interface Sender {
  /** Throws UNAVAILABLE if the notice cannot have been shown. */
  send(notice: Notice, signal?: AbortSignal): Promise<void>;
  check(signal?: AbortSignal): Promise<{ ok: boolean; text: string; hint?: string }>;
}
